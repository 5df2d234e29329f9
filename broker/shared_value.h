#pragma once
// A value that copies of an object share.

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <utility>

namespace respublica {

/// A value, or none, that never changes once it is shared. One pointer wide, where std::shared_ptr has two: a broker
/// may have millions of them.
///
/// Thread: the handle is its owner's; the value may be shared by any thread.
template <typename Value>
class SharedValue {
 public:
  SharedValue() = default;
  explicit SharedValue(Value value) : held_(new Held(std::move(value))) {}

  explicit operator bool() const { return held_ != nullptr; }
  const Value& operator*() const { return held_->value; }
  const Value* operator->() const { return &held_->value; }
  void reset() { held_.reset(); }

  /// Takes another value in place of the one it shares, and returns it: it may be changed before the next copy.
  Value& replace(Value value) {
    held_.reset(new Held(std::move(value)));
    return held_->value;
  }

 private:
  struct Held : boost::intrusive_ref_counter<Held, boost::thread_safe_counter> {
    explicit Held(Value&& taken) : value(std::move(taken)) {}
    Value value;
  };

  boost::intrusive_ptr<Held> held_;
};

}  // namespace respublica
