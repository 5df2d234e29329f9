#pragma once
// Clang's thread safety analysis, under short names, and the capability "I run on this thread".
// See https://clang.llvm.org/docs/ThreadSafetyAnalysis.html. Under g++ every macro is empty.

#include <cassert>
#include <thread>

#if defined(__clang__)
#define RESPUBLICA_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define RESPUBLICA_THREAD_ATTRIBUTE(x)
#endif

#define CAPABILITY(x) RESPUBLICA_THREAD_ATTRIBUTE(capability(x))
#define SCOPED_CAPABILITY RESPUBLICA_THREAD_ATTRIBUTE(scoped_lockable)
#define GUARDED_BY(x) RESPUBLICA_THREAD_ATTRIBUTE(guarded_by(x))
#define REQUIRES(...) RESPUBLICA_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define ACQUIRE(...) RESPUBLICA_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define TRY_ACQUIRE(...) RESPUBLICA_THREAD_ATTRIBUTE(try_acquire_capability(__VA_ARGS__))
#define RELEASE(...) RESPUBLICA_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))
#define EXCLUDES(...) RESPUBLICA_THREAD_ATTRIBUTE(locks_excluded(__VA_ARGS__))
#define ASSERT_CAPABILITY(x) RESPUBLICA_THREAD_ATTRIBUTE(assert_capability(x))

namespace respublica {

/// A capability that is not a lock: to hold it means "this code runs on the thread that owns the role".
/// State of an io thread is GUARDED_BY(its role); every completion handler begins with assert_held().
///
/// Thread: adopt() once, on the owning thread, before any assert_held().
class CAPABILITY("thread role") ThreadRole {
 public:
  /// Binds the role to the calling thread.
  void adopt() ASSERT_CAPABILITY(this) { owner_ = std::this_thread::get_id(); }

  /// Tells the compiler that the role is held; with RESPUBLICA_CHECK_THREADS also checks it.
  void assert_held() const ASSERT_CAPABILITY(this) {
#if defined(RESPUBLICA_CHECK_THREADS)
    assert(owner_ == std::this_thread::get_id());
#endif
  }

 private:
  std::thread::id owner_;
};

}  // namespace respublica
