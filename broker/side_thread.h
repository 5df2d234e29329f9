#pragma once
// A thread for slow work that another thread must not wait for.

#include <condition_variable>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace respublica {

/// Does tasks one after the other. Each returns what is left to do on its owner's thread, which does that when it has
/// time. The thread begins with the first task.
///
/// Thread: its owner's.
class SideThread {
 public:
  using Rest = std::function<void()>;
  using Task = std::function<Rest()>;

  /// `wake` is called on the side thread when finish_done() has something to do.
  explicit SideThread(std::function<void()> wake) : wake_owner_(std::move(wake)) {}
  ~SideThread() { stop(); }
  SideThread(const SideThread&) = delete;
  SideThread& operator=(const SideThread&) = delete;

  void run(Task task) EXCLUDES(mutex_);
  /// Runs what is left of the tasks that are done.
  void finish_done() EXCLUDES(mutex_);
  /// Waits for the task that is being done; the others are not done any more.
  void stop() EXCLUDES(mutex_);

 private:
  void work() EXCLUDES(mutex_);

  const std::function<void()> wake_owner_;
  std::thread thread_;
  Mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Task> tasks_ GUARDED_BY(mutex_);
  std::vector<Rest> done_ GUARDED_BY(mutex_);
  bool ending_ GUARDED_BY(mutex_) = false;
};

}  // namespace respublica
