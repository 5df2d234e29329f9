#include "broker/subscriptions.h"

#include <bit>
#include <cassert>
#include <utility>

namespace respublica {

Subscriptions::~Subscriptions() { assert(empty()); }

std::vector<std::string> Subscriptions::names(SubscriptionKind kind) const {
  std::vector<std::string> names;
  names.reserve(count(kind));
  for_each(kind, [&](std::string_view name) { names.emplace_back(name); });
  return names;
}

bool Subscriptions::insert(Topic& topic) {
  if ((size_ + 1) * 4 > places_.size() * 3) {
    resize(places_.empty() ? 4 : places_.size() * 2);
  }
  Topic*& place = places_[place_of(&topic)];
  if (place != nullptr) return false;
  place = &topic;
  ++size_;
  ++counts_[static_cast<std::size_t>(topic.kind())];
  return true;
}

bool Subscriptions::erase(Topic& topic) {
  if (empty()) return false;
  std::size_t hole = place_of(&topic);
  if (places_[hole] == nullptr) return false;
  // What stands behind the hole and was pushed past it moves up: no tombstones.
  const std::size_t mask = places_.size() - 1;
  for (std::size_t next = (hole + 1) & mask; places_[next] != nullptr; next = (next + 1) & mask) {
    if (((next - home_of(places_[next])) & mask) < ((next - hole) & mask)) continue;
    places_[hole] = places_[next];
    hole = next;
  }
  places_[hole] = nullptr;
  --size_;
  --counts_[static_cast<std::size_t>(topic.kind())];
  if (size_ == 0) {
    clear();
  } else if (places_.size() > 4 && size_ < places_.size() / 8) {
    resize(places_.size() / 4);
  }
  return true;
}

void Subscriptions::clear() {
  std::vector<Topic*>().swap(places_);
  size_ = 0;
  counts_ = {};
}

std::size_t Subscriptions::home_of(const Topic* topic) const {
  // Addresses differ in their middle bits; the multiplication carries them to the top.
  const std::uint64_t mixed = std::uint64_t{reinterpret_cast<std::uintptr_t>(topic)} * 0x9e3779b97f4a7c15U;
  return mixed >> (64 - std::countr_zero(places_.size()));
}

std::size_t Subscriptions::place_of(const Topic* topic) const {
  const std::size_t mask = places_.size() - 1;
  std::size_t place = home_of(topic);
  while (places_[place] != nullptr && places_[place] != topic) place = (place + 1) & mask;
  return place;
}

void Subscriptions::resize(std::size_t places) {
  const std::vector<Topic*> old = std::exchange(places_, std::vector<Topic*>(places));
  for (Topic* topic : old) {
    if (topic != nullptr) places_[place_of(topic)] = topic;
  }
}

}  // namespace respublica
