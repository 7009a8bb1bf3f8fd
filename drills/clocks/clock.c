/*
 * Moves the wall clock of the process that preloads it, by as many seconds as a file says; other clocks are left alone. The file
 * is `clock-offset` in the folder in which the process was started; without one nothing is changed. It holds one 64-bit integer in the
 * machine's byte order and is read anew each time, so that the clock can jump while the process runs.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const int64_t none = 0;
static volatile const int64_t *offset = &none;

typedef int (*wait_fn)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
typedef int (*clock_fn)(clockid_t, struct timespec *);
static wait_fn real_wait;
static clock_fn real_clock;

__attribute__((constructor)) static void begin(void)
{
  real_clock = (clock_fn)dlsym(RTLD_NEXT, "clock_gettime");
  /* Where there are two versions, the one without a name is of before 2003. */
  real_wait = (wait_fn)dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
  if (real_wait == NULL) real_wait = (wait_fn)dlsym(RTLD_NEXT, "pthread_cond_timedwait");
  int file = open("clock-offset", O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  void *page = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
  if (page != MAP_FAILED) offset = page;
  close(file);
}

int clock_gettime(clockid_t clock, struct timespec *at)
{
  int result = real_clock == NULL ? (int)syscall(SYS_clock_gettime, clock, at) : real_clock(clock, at);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) at->tv_sec += *offset;
  return result;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone)
{
  (void)zone;
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  at->tv_sec = now.tv_sec;
  at->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *at)
{
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (at != NULL) *at = now.tv_sec;
  return now.tv_sec;
}

/* A wait until a time that was reckoned with the moved clock; times of the monotonic clock are smaller than any date since 2001. */
int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex, const struct timespec *restrict until)
{
  struct timespec real = *until;
  if (real.tv_sec > 1000000000) real.tv_sec -= *offset;
  return real_wait(condition, mutex, &real);
}
