/*
 * A disk whose habits a test can choose, preloaded into a real process (LD_PRELOAD). It watches the
 * regular files below LATCHKEY_DISK_DIR and leaves everything else alone.
 *
 *   LATCHKEY_DISK_DELAY_MS=n   every fsync and fdatasync takes n milliseconds longer
 *   LATCHKEY_DISK_COUNT=file   one byte is appended to this file for every fsync
 *   LATCHKEY_DISK_FAIL_AT=n    the n-th fsync fails with EIO and forgets what is dirty (as Linux)
 *   LATCHKEY_DISK_FULL=file    while there is this file, every write fails with ENOSPC
 *   LATCHKEY_DISK_SHADOW=1     beside every file F lies F.durable: exactly what has been synced
 *
 * What is not modelled: directory entries (an unlink or a rename is durable at once), writes
 * through mmap (SQLite's -shm files are skipped), and two processes that write the same file.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define FILES_MAX 1024
#define RANGES_MAX 128
#define COPY_BYTES 65536
#define TWIN ".durable"

struct range { off_t from, to; };

struct file {
    dev_t device;
    ino_t inode;
    int count;
    struct range dirty[RANGES_MAX];
};

static struct file files[FILES_MAX];
static int files_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static char folder[PATH_MAX];
static size_t folder_length;
static char count_path[PATH_MAX];
static char full_path[PATH_MAX];
static long delay_ms, fail_at, syncs;
static int shadows;

#define REAL(name) static typeof(&name) real_##name
REAL(open); REAL(open64); REAL(openat); REAL(openat64); REAL(write); REAL(writev); REAL(pwrite);
REAL(pwrite64); REAL(pwritev); REAL(pwritev64); REAL(ftruncate); REAL(ftruncate64); REAL(fsync);
REAL(fdatasync); REAL(unlink); REAL(unlinkat); REAL(rename);

/* These functions can be called before the constructor, so each looks its original up itself. */
#define FIND(name) \
    do { if (!real_##name) real_##name = (typeof(&name))dlsym(RTLD_NEXT, #name); } while (0)

__attribute__((constructor)) static void start(void)
{
    const char *text;
    /* Before the folder is known nothing is watched, so a failure here leaves the program alone. */
    FIND(open); FIND(write); FIND(pwrite64); FIND(ftruncate64); FIND(unlink); FIND(unlinkat);
    FIND(rename);
    if ((text = getenv("LATCHKEY_DISK_DELAY_MS"))) delay_ms = atol(text);
    if ((text = getenv("LATCHKEY_DISK_FAIL_AT"))) fail_at = atol(text);
    if ((text = getenv("LATCHKEY_DISK_COUNT"))) snprintf(count_path, sizeof count_path, "%s", text);
    if ((text = getenv("LATCHKEY_DISK_FULL"))) snprintf(full_path, sizeof full_path, "%s", text);
    if ((text = getenv("LATCHKEY_DISK_SHADOW"))) shadows = strcmp(text, "1") == 0;
    text = getenv("LATCHKEY_DISK_DIR");
    if (text && realpath(text, folder)) folder_length = strlen(folder);
}

static void give_up(const char *what)
{
    fprintf(stderr, "disk shim: %s: %s\n", what, strerror(errno));
    _exit(70);
}

static int ends_with(const char *text, const char *tail)
{
    size_t length = strlen(text), tail_length = strlen(tail);
    return length >= tail_length && strcmp(text + length - tail_length, tail) == 0;
}

static int is_watched_path(const char *path)
{
    return folder_length > 0 && strncmp(path, folder, folder_length) == 0 &&
           path[folder_length] == '/' && !ends_with(path, TWIN) && !ends_with(path, "-shm") &&
           !ends_with(path, " (deleted)");
}

/* The file behind a descriptor, however it came to be (open, dup, inheritance). */
static int watched(int fd, char path[PATH_MAX], struct stat *about)
{
    char link[64];
    ssize_t length;
    int before = errno;
    if (folder_length == 0 || fstat(fd, about) != 0 || !S_ISREG(about->st_mode)) {
        errno = before;
        return 0;
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, PATH_MAX - 1);
    errno = before;
    if (length < 0) return 0;
    path[length] = 0;
    return is_watched_path(path);
}

/* A path as a program names it, with its folder resolved; the last part may not exist yet. */
static int watched_name(int at, const char *name, char path[PATH_MAX])
{
    char base[PATH_MAX], whole[PATH_MAX * 2], parent[PATH_MAX];
    const char *last;
    int before = errno;
    if (folder_length == 0) return 0;
    if (name[0] == '/') snprintf(whole, sizeof whole, "%s", name);
    else {
        char link[64];
        ssize_t length;
        snprintf(link, sizeof link, "/proc/self/fd/%d", at);
        length = at == AT_FDCWD ? readlink("/proc/self/cwd", base, sizeof base - 1)
                                : readlink(link, base, sizeof base - 1);
        errno = before;
        if (length < 0) return 0;
        base[length] = 0;
        snprintf(whole, sizeof whole, "%s/%s", base, name);
    }
    last = strrchr(whole, '/') + 1;
    snprintf(base, sizeof base, "%.*s/", (int)(last - whole), whole);
    if (!realpath(base, parent)) {
        errno = before;
        return 0;
    }
    if (strlen(parent) + strlen(last) + 2 > PATH_MAX) return 0;
    strcat(strcat(strcpy(path, parent), "/"), last);
    return is_watched_path(path);
}

static void twin_of(const char *path, char twin[PATH_MAX])
{
    if (snprintf(twin, PATH_MAX, "%s" TWIN, path) >= PATH_MAX) give_up("a path is too long");
}

static struct file *file_of(const struct stat *about)
{
    for (int i = 0; i < files_count; i++)
        if (files[i].device == about->st_dev && files[i].inode == about->st_ino) return &files[i];
    if (files_count == FILES_MAX) give_up("too many files");
    files[files_count] = (struct file){ .device = about->st_dev, .inode = about->st_ino };
    return &files[files_count++];
}

static void soil(const struct stat *about, off_t from, off_t to)
{
    struct file *file = file_of(about);
    struct range *last = file->count > 0 ? &file->dirty[file->count - 1] : NULL;
    if (from >= to) return;
    if (last && from <= last->to && to >= last->from) {
        if (from < last->from) last->from = from;
        if (to > last->to) last->to = to;
    } else if (file->count < RANGES_MAX) {
        file->dirty[file->count++] = (struct range){ from, to };
    } else {
        /* A sync makes the whole file durable, so a range that covers more is never wrong. */
        for (int i = 0; i < file->count; i++) {
            if (file->dirty[i].from < from) from = file->dirty[i].from;
            if (file->dirty[i].to > to) to = file->dirty[i].to;
        }
        file->dirty[0] = (struct range){ from, to };
        file->count = 1;
    }
}

static void copy_range(int from, int to, struct range range)
{
    char buffer[COPY_BYTES];
    while (range.from < range.to) {
        size_t wanted = (size_t)(range.to - range.from);
        size_t most = wanted < sizeof buffer ? wanted : sizeof buffer;
        ssize_t got = pread(from, buffer, most, range.from);
        if (got == 0) return;
        if (got < 0 || real_pwrite64(to, buffer, (size_t)got, range.from) != got)
            give_up("copying to a twin");
        range.from += got;
    }
}

/* A descriptor to read the file from. One that is opened here must not be closed while SQLite holds
 * POSIX locks, which a close of any descriptor drops; SQLite's own are always readable. */
static int readable(int fd, const char *path)
{
    int flags = fcntl(fd, F_GETFL);
    return (flags & O_ACCMODE) == O_WRONLY ? real_open(path, O_RDONLY | O_CLOEXEC) : fd;
}

static void sync_twin(int fd, const char *path, const struct stat *about)
{
    char twin[PATH_MAX];
    struct file *file = file_of(about);
    int from = readable(fd, path), to;
    twin_of(path, twin);
    to = real_open(twin, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (from < 0 || to < 0) give_up("opening a twin");
    for (int i = 0; i < file->count; i++) copy_range(from, to, file->dirty[i]);
    if (real_ftruncate64(to, about->st_size) != 0) give_up("truncating a twin");
    file->count = 0;
    close(to);
    if (from != fd) close(from);
}

/* What lay there before this process came is durable. */
static void keep_old(const char *path)
{
    char twin[PATH_MAX];
    struct stat about;
    int from, to;
    if (stat(path, &about) != 0 || !S_ISREG(about.st_mode)) return;
    /* Created and written by this very process, and not synced: not durable. */
    for (int i = 0; i < files_count; i++)
        if (files[i].device == about.st_dev && files[i].inode == about.st_ino) return;
    file_of(&about);
    twin_of(path, twin);
    to = real_open(twin, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (to < 0) return;
    from = real_open(path, O_RDONLY | O_CLOEXEC);
    if (from >= 0) {
        copy_range(from, to, (struct range){ 0, about.st_size });
        close(from);
    }
    close(to);
}

static void before_open(const char *path, int flags)
{
    struct stat about;
    int before = errno;
    pthread_mutex_lock(&lock);
    keep_old(path);
    if ((flags & O_TRUNC) && stat(path, &about) == 0) soil(&about, 0, about.st_size);
    pthread_mutex_unlock(&lock);
    errno = before;
}

/* A file that this open has created is known from now on, and has nothing durable. */
static void after_open(int fd)
{
    struct stat about;
    int before = errno;
    pthread_mutex_lock(&lock);
    if (fd >= 0 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode)) file_of(&about);
    pthread_mutex_unlock(&lock);
    errno = before;
}

static mode_t mode_of(int flags, va_list rest)
{
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
}

#define OPEN(name, at, signature, arguments)                       \
    int name signature                                             \
    {                                                              \
        char whole[PATH_MAX];                                      \
        va_list rest;                                              \
        mode_t mode;                                               \
        int fd, is_watched;                                        \
        va_start(rest, flags);                                     \
        mode = mode_of(flags, rest);                               \
        va_end(rest);                                              \
        FIND(name);                                                \
        is_watched = shadows && watched_name(at, path, whole);     \
        if (is_watched) before_open(whole, flags);                 \
        fd = real_##name arguments;                                \
        if (is_watched) after_open(fd);                            \
        return fd;                                                 \
    }

OPEN(open, AT_FDCWD, (const char *path, int flags, ...), (path, flags, mode))
OPEN(open64, AT_FDCWD, (const char *path, int flags, ...), (path, flags, mode))
OPEN(openat, at, (int at, const char *path, int flags, ...), (at, path, flags, mode))
OPEN(openat64, at, (int at, const char *path, int flags, ...), (at, path, flags, mode))

static int is_full(int fd)
{
    char path[PATH_MAX];
    struct stat about;
    int before = errno;
    if (full_path[0] == 0 || access(full_path, F_OK) != 0 || !watched(fd, path, &about)) {
        errno = before;
        return 0;
    }
    errno = ENOSPC;
    return 1;
}

/* Notes a write that has happened; `at` is -1 for one at the file's own position. */
static void after_write(int fd, ssize_t written, off_t at)
{
    char path[PATH_MAX];
    struct stat about;
    int before = errno;
    if (written <= 0 || !shadows || !watched(fd, path, &about)) return;
    pthread_mutex_lock(&lock);
    if (at < 0) at = lseek(fd, 0, SEEK_CUR) - written;
    if (fcntl(fd, F_GETFL) & O_APPEND) at = about.st_size - written;
    soil(&about, at, at + written);
    pthread_mutex_unlock(&lock);
    errno = before;
}

#define WRITE(name, position, signature, arguments) \
    ssize_t name signature                          \
    {                                               \
        ssize_t written;                            \
        FIND(name);                                 \
        if (is_full(fd)) return -1;                 \
        written = real_##name arguments;            \
        after_write(fd, written, position);         \
        return written;                             \
    }

WRITE(write, -1, (int fd, const void *bytes, size_t count), (fd, bytes, count))
WRITE(writev, -1, (int fd, const struct iovec *parts, int count), (fd, parts, count))
WRITE(pwrite, at, (int fd, const void *bytes, size_t count, off_t at), (fd, bytes, count, at))
WRITE(pwrite64, at, (int fd, const void *bytes, size_t count, off_t at), (fd, bytes, count, at))
WRITE(pwritev, at, (int fd, const struct iovec *all, int count, off_t at), (fd, all, count, at))
WRITE(pwritev64, at, (int fd, const struct iovec *all, int count, off_t at), (fd, all, count, at))

/* What a shorter file loses is dirty too: it may grow again before the next sync. */
static void before_truncate(int fd, off_t size)
{
    char path[PATH_MAX];
    struct stat about;
    if (!shadows || !watched(fd, path, &about) || size >= about.st_size) return;
    pthread_mutex_lock(&lock);
    soil(&about, size, about.st_size);
    pthread_mutex_unlock(&lock);
}

#define TRUNCATE(name)                \
    int name(int fd, off_t size)      \
    {                                 \
        FIND(name);                   \
        before_truncate(fd, size);    \
        return real_##name(fd, size); \
    }

TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)

static void wait_ms(long milliseconds)
{
    struct timespec rest = { milliseconds / 1000, (milliseconds % 1000) * 1000000 };
    while (nanosleep(&rest, &rest) != 0 && errno == EINTR) {}
}

/* Returns -1 when this is the sync that has to fail. */
static int before_sync(const struct stat *about)
{
    int fails, counter;
    pthread_mutex_lock(&lock);
    fails = ++syncs == fail_at;
    if (fails) file_of(about)->count = 0;
    pthread_mutex_unlock(&lock);
    if (count_path[0]) {
        counter = real_open(count_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (counter < 0 || real_write(counter, ".", 1) != 1) give_up("counting");
        close(counter);
    }
    if (delay_ms > 0) wait_ms(delay_ms);
    if (fails) errno = EIO;
    return fails ? -1 : 0;
}

static void after_sync(int fd, const char *path)
{
    struct stat about;
    int before = errno;
    pthread_mutex_lock(&lock);
    if (fstat(fd, &about) == 0) sync_twin(fd, path, &about);
    pthread_mutex_unlock(&lock);
    errno = before;
}

#define SYNC(name)                                                   \
    int name(int fd)                                                 \
    {                                                                \
        char path[PATH_MAX];                                         \
        struct stat about;                                           \
        int result;                                                  \
        FIND(name);                                                  \
        if (!watched(fd, path, &about)) return real_##name(fd);      \
        if (before_sync(&about) != 0) return -1;                     \
        result = real_##name(fd);                                    \
        if (result == 0 && shadows) after_sync(fd, path);            \
        return result;                                               \
    }

SYNC(fsync)
SYNC(fdatasync)

/* The file's number may be given to a new file at once, so what was known of it is forgotten. */
static void forget(const char *path)
{
    struct stat about;
    if (stat(path, &about) != 0) return;
    for (int i = 0; i < files_count; i++)
        if (files[i].device == about.st_dev && files[i].inode == about.st_ino) {
            files[i] = files[--files_count];
            return;
        }
}

/* Before a watched file goes: its twin's name, or nothing when it is not watched. */
static int leave(int at, const char *name, char twin[PATH_MAX])
{
    char path[PATH_MAX];
    if (!shadows || !watched_name(at, name, path)) return 0;
    pthread_mutex_lock(&lock);
    forget(path);
    pthread_mutex_unlock(&lock);
    twin_of(path, twin);
    return 1;
}

int unlink(const char *name)
{
    char twin[PATH_MAX];
    int before = errno, result, is_watched;
    FIND(unlink);
    is_watched = leave(AT_FDCWD, name, twin);
    errno = before;
    result = real_unlink(name);
    if (is_watched && result == 0) {
        real_unlink(twin);
        errno = before;
    }
    return result;
}

/* Whole folders are removed this way. */
int unlinkat(int at, const char *name, int flags)
{
    char twin[PATH_MAX];
    int before = errno, result, is_watched;
    FIND(unlink);
    FIND(unlinkat);
    is_watched = (flags & AT_REMOVEDIR) == 0 && leave(at, name, twin);
    errno = before;
    result = real_unlinkat(at, name, flags);
    if (is_watched && result == 0) {
        real_unlink(twin);
        errno = before;
    }
    return result;
}

/* A file that was renamed but never synced has its new name and no contents after a power cut. */
int rename(const char *old_name, const char *new_name)
{
    char old_path[PATH_MAX], new_path[PATH_MAX], old_twin[PATH_MAX], new_twin[PATH_MAX];
    int before = errno, result, twin;
    FIND(rename);
    result = real_rename(old_name, new_name);
    if (result != 0 || !shadows || !watched_name(AT_FDCWD, old_name, old_path) ||
        !watched_name(AT_FDCWD, new_name, new_path))
        return result;
    twin_of(old_path, old_twin);
    twin_of(new_path, new_twin);
    if (real_rename(old_twin, new_twin) != 0) {
        twin = real_open(new_twin, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (twin >= 0) close(twin);
    }
    errno = before;
    return result;
}
