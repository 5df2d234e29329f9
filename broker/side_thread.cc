#include "broker/side_thread.h"

#include <pthread.h>

#include <utility>

namespace respublica {

void SideThread::run(Task task) {
  {
    const MutexLock lock(mutex_);
    if (ending_) return;
    tasks_.push_back(std::move(task));
  }
  wake_.notify_one();
  if (!thread_.joinable()) thread_ = std::thread([this] { work(); });
}

void SideThread::finish_done() {
  std::vector<Rest> done;
  {
    const MutexLock lock(mutex_);
    done.swap(done_);
  }
  for (const Rest& rest : done) rest();
}

void SideThread::stop() {
  {
    const MutexLock lock(mutex_);
    ending_ = true;
    tasks_.clear();
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void SideThread::work() {
  ::pthread_setname_np(::pthread_self(), "upkeep");
  while (true) {
    Task task;
    {
      const MutexLock lock(mutex_);
      while (tasks_.empty() && !ending_) wake_.wait(mutex_);
      if (ending_) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    Rest rest = task();
    // What the task holds goes before its owner hears of it.
    task = nullptr;
    if (!rest) continue;
    {
      const MutexLock lock(mutex_);
      done_.push_back(std::move(rest));
    }
    wake_owner_();
  }
}

}  // namespace respublica
