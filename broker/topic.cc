#include "broker/topic.h"

#include <algorithm>
#include <cassert>
#include <new>

namespace respublica {

Topic::Pointer Topic::create(SubscriptionKind kind, std::uint64_t hash, std::string_view name) {
  assert(name.size() <= kMaxName);
  void* memory = ::operator new(sizeof(Topic) + name.size());
  auto* topic = new (memory) Topic(kind, hash, static_cast<std::uint32_t>(name.size()));
  std::copy(name.begin(), name.end(), reinterpret_cast<char*>(topic + 1));
  return Pointer(topic);
}

void Topic::Deleter::operator()(Topic* topic) const {
  topic->~Topic();
  ::operator delete(topic);
}

}  // namespace respublica
