// Makes a disk fail under a program that is not built for it: loaded with LD_PRELOAD it stands before libc's calls that
// write and sync, and lets them fail as a file of orders says.
//
//   RESPUBLICA_DISK_SHIM_BELOW    the directory whose files (and itself) are meant, without links in its path
//   RESPUBLICA_DISK_SHIM_ORDERS   the file of orders; none while it is absent. Change it by renaming another one to it.
//
// Orders, one a line; CALL is write (pwrite), sync (fdatasync, fsync), allocate (fallocate) or truncate (ftruncate):
//
//   fail CALL ERRNO [TIMES [AFTER]]   fails so many times (0, none: for ever), after so many calls that go well (none:
//   0);
//                                     counted since the orders changed
//   short_writes BYTES                writes no more bytes at a time
//   delay_sync MILLISECONDS           waits before each sync
//
// The file is read at each call: to look whether it has changed would cost as much, and miss changes within one tick.

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum Call { kCallWrite, kCallSync, kCallAllocate, kCallTruncate, kCalls };

struct Failure {
  int error;  // 0: none
  long times;
  long after;
  long seen;
};

struct Orders {
  struct Failure failures[kCalls];
  long short_writes;
  long delay_sync;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
// The orders and their text; guarded by mutex.
static struct Orders orders;
static char text_of_orders[4096];

// A mistake in the orders is a mistake in a test.
static void refuse(const char* line) {
  fprintf(stderr, "disk_fault_shim: cannot follow the order: %s\n", line);
  abort();
}

static int error_named(const char* name) {
  static const struct {
    const char* name;
    int error;
  } kErrors[] = {{"EIO", EIO},     {"ENOSPC", ENOSPC}, {"EDQUOT", EDQUOT},        {"EFBIG", EFBIG},
                 {"EINTR", EINTR}, {"EROFS", EROFS},   {"EOPNOTSUPP", EOPNOTSUPP}};
  for (size_t i = 0; i < sizeof(kErrors) / sizeof(kErrors[0]); ++i) {
    if (strcmp(name, kErrors[i].name) == 0) return kErrors[i].error;
  }
  return 0;
}

static int call_named(const char* name) {
  static const char* const kCallNames[kCalls] = {"write", "sync", "allocate", "truncate"};
  for (int i = 0; i < kCalls; ++i) {
    if (strcmp(name, kCallNames[i]) == 0) return i;
  }
  return -1;
}

static void take_order(const char* line) {
  char call_name[16];
  char error_name[16];
  struct Failure failure = {0, 0, 0, 0};
  if (sscanf(line, "short_writes %ld", &orders.short_writes) == 1) return;
  if (sscanf(line, "delay_sync %ld", &orders.delay_sync) == 1) return;
  if (sscanf(line, "fail %15s %15s %ld %ld", call_name, error_name, &failure.times, &failure.after) < 2) refuse(line);
  const int call = call_named(call_name);
  failure.error = error_named(error_name);
  if (call < 0 || failure.error == 0) refuse(line);
  orders.failures[call] = failure;
}

static void read_orders(void) {
  char text[sizeof(text_of_orders)] = "";
  const char* path = getenv("RESPUBLICA_DISK_SHIM_ORDERS");
  const int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (file != -1) {
    const ssize_t size = read(file, text, sizeof(text) - 1);
    text[size < 0 ? 0 : size] = '\0';
    close(file);
  }
  if (strcmp(text, text_of_orders) == 0) return;
  memcpy(text_of_orders, text, sizeof(text));
  memset(&orders, 0, sizeof(orders));
  char* rest = text;
  for (char* line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) take_order(line);
}

static int is_meant(int file) {
  const char* below = getenv("RESPUBLICA_DISK_SHIM_BELOW");
  if (below == NULL) return 0;
  char link[64];
  char path[PATH_MAX];
  snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
  const ssize_t size = readlink(link, path, sizeof(path) - 1);
  if (size < 0) return 0;
  path[size] = '\0';
  const size_t prefix = strlen(below);
  return strncmp(path, below, prefix) == 0 && (path[prefix] == '/' || path[prefix] == '\0');
}

// What is ordered for this call of a file: the error with which it fails, or 0; `delay` and `size` as ordered.
static int ordered(enum Call call, int file, long* delay, size_t* size) {
  const int saved = errno;
  int error = 0;
  if (is_meant(file)) {
    pthread_mutex_lock(&mutex);
    read_orders();
    struct Failure* failure = &orders.failures[call];
    ++failure->seen;
    if (failure->seen > failure->after && (failure->times == 0 || failure->seen <= failure->after + failure->times)) {
      error = failure->error;
    }
    if (delay != NULL) *delay = orders.delay_sync;
    if (size != NULL && orders.short_writes > 0 && *size > (size_t)orders.short_writes) {
      *size = (size_t)orders.short_writes;
    }
    pthread_mutex_unlock(&mutex);
  }
  errno = saved;
  return error;
}

static int fail(int error) {
  errno = error;
  return -1;
}

// ISO C has no conversion from what dlsym() returns to a function.
#define REAL(name, type)                        \
  static type real;                             \
  if (real == NULL) {                           \
    void* const found = dlsym(RTLD_NEXT, name); \
    memcpy(&real, &found, sizeof(real));        \
  }

typedef ssize_t (*Write)(int, const void*, size_t, off_t);
typedef int (*Sync)(int);
typedef int (*Allocate)(int, int, off_t, off_t);
typedef int (*Truncate)(int, off_t);

ssize_t pwrite(int file, const void* bytes, size_t size, off_t offset) {
  REAL("pwrite", Write)
  const int error = ordered(kCallWrite, file, NULL, &size);
  return error != 0 ? fail(error) : real(file, bytes, size, offset);
}

ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t offset) { return pwrite(file, bytes, size, offset); }

static int sync_with(Sync real, int file) {
  long delay = 0;
  const int error = ordered(kCallSync, file, &delay, NULL);
  if (delay > 0) {
    struct timespec rest = {delay / 1000, delay % 1000 * 1000000};
    while (nanosleep(&rest, &rest) == -1 && errno == EINTR) continue;
  }
  return error != 0 ? fail(error) : real(file);
}

int fdatasync(int file) {
  REAL("fdatasync", Sync)
  return sync_with(real, file);
}

int fsync(int file) {
  REAL("fsync", Sync)
  return sync_with(real, file);
}

int fallocate(int file, int mode, off_t offset, off_t size) {
  REAL("fallocate", Allocate)
  const int error = ordered(kCallAllocate, file, NULL, NULL);
  return error != 0 ? fail(error) : real(file, mode, offset, size);
}

int fallocate64(int file, int mode, off64_t offset, off64_t size) { return fallocate(file, mode, offset, size); }

int ftruncate(int file, off_t size) {
  REAL("ftruncate", Truncate)
  const int error = ordered(kCallTruncate, file, NULL, NULL);
  return error != 0 ? fail(error) : real(file, size);
}

int ftruncate64(int file, off64_t size) { return ftruncate(file, size); }
