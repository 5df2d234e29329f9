#include "tests/clients/cpp/poll_loop.h"

#include <poll.h>

#include <chrono>
#include <stdexcept>
#include <string>

#include "tests/clients/cpp/broker.h"

PollLoop::PollLoop(redisAsyncContext* context) : context_(context) {
  context->ev.data = this;
  context->ev.addRead = [](void* loop) { static_cast<PollLoop*>(loop)->reading_ = true; };
  context->ev.delRead = [](void* loop) { static_cast<PollLoop*>(loop)->reading_ = false; };
  context->ev.addWrite = [](void* loop) { static_cast<PollLoop*>(loop)->writing_ = true; };
  context->ev.delWrite = [](void* loop) { static_cast<PollLoop*>(loop)->writing_ = false; };
  // hiredis calls this last, when it frees the connection.
  context->ev.cleanup = [](void* loop) { static_cast<PollLoop*>(loop)->context_ = nullptr; };
  writing_ = true;  // the connection is made when the socket is writable
}

void PollLoop::run_until(const char* what, const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + kDeadline;
  while (!condition()) {
    if (context_ == nullptr) {
      throw std::runtime_error(std::string("the connection has ended before: ") + what);
    }
    if (std::chrono::steady_clock::now() > end) {
      throw std::runtime_error(std::string("never came true: ") + what);
    }
    pollfd descriptor{context_->c.fd, static_cast<short>((reading_ ? POLLIN : 0) | (writing_ ? POLLOUT : 0)), 0};
    poll(&descriptor, 1, 100);
    if ((descriptor.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
      redisAsyncHandleRead(context_);
    }
    if (context_ != nullptr && (descriptor.revents & POLLOUT) != 0) {
      redisAsyncHandleWrite(context_);
    }
  }
}
