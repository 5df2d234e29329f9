#include "broker/subscriber_list.h"

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cassert>
#include <memory>
#include <vector>

namespace respublica {

struct SubscriberList::Many {
  /// Kept only for long lists.
  struct Index {
    boost::unordered_flat_map<std::uint64_t, std::uint32_t> places;
    std::array<std::uint32_t, kLanes> in_lane{};
  };

  std::uint32_t place_of(Subscriber subscriber) const;
  void add(Subscriber subscriber);
  void remove(Subscriber subscriber);
  void change_lane(Subscriber subscriber);
  void build_index();

  std::vector<Subscriber> subscribers;
  std::unique_ptr<Index> index;
};

std::uint32_t SubscriberList::Many::place_of(Subscriber subscriber) const {
  if (index) return index->places.find(subscriber.number())->second;
  std::uint32_t place = 0;
  while (!subscribers[place].same_session(subscriber)) ++place;
  return place;
}

void SubscriberList::Many::add(Subscriber subscriber) {
  subscribers.push_back(subscriber);
  if (index) {
    index->places.emplace(subscriber.number(), static_cast<std::uint32_t>(subscribers.size() - 1));
    ++index->in_lane[subscriber.lane()];
  } else if (subscribers.size() == kIndexed) {
    build_index();
  }
}

void SubscriberList::Many::remove(Subscriber subscriber) {
  const std::uint32_t place = place_of(subscriber);
  const Subscriber last = subscribers.back();
  if (index) {
    --index->in_lane[subscribers[place].lane()];
    index->places.find(last.number())->second = place;
    index->places.erase(subscriber.number());
  }
  subscribers[place] = last;
  subscribers.pop_back();
  if (subscribers.size() < kIndexed / 2) index.reset();
  if (subscribers.size() < subscribers.capacity() / 4) {
    subscribers.shrink_to_fit();
    if (index) index->places.rehash(subscribers.size() * 2);
  }
}

void SubscriberList::Many::change_lane(Subscriber subscriber) {
  Subscriber& stored = subscribers[place_of(subscriber)];
  if (index) {
    --index->in_lane[stored.lane()];
    ++index->in_lane[subscriber.lane()];
  }
  stored = subscriber;
}

void SubscriberList::Many::build_index() {
  index = std::make_unique<Index>();
  index->places.reserve(subscribers.size());
  for (std::uint32_t place = 0; place < subscribers.size(); ++place) {
    index->places.emplace(subscribers[place].number(), place);
    ++index->in_lane[subscribers[place].lane()];
  }
}

SubscriberList::~SubscriberList() {
  if (count_ > 1) delete many_;
}

void SubscriberList::add(Subscriber subscriber) {
  assert(subscriber.lane() < kLanes);
  if (count_ == 0) {
    one_ = subscriber;
  } else {
    if (count_ == 1) {
      auto many = std::make_unique<Many>();
      many->add(one_);
      many_ = many.release();
    }
    many_->add(subscriber);
  }
  ++count_;
}

void SubscriberList::remove(Subscriber subscriber) {
  if (count_ > 1) {
    many_->remove(subscriber);
    if (count_ == 2) {
      const Subscriber last = many_->subscribers.front();
      delete many_;
      one_ = last;
    }
  }
  --count_;
}

void SubscriberList::change_lane(Subscriber subscriber) {
  if (count_ == 1) {
    one_ = subscriber;
  } else {
    many_->change_lane(subscriber);
  }
}

std::span<const Subscriber> SubscriberList::view() const {
  if (count_ > 1) return many_->subscribers;
  return {&one_, count_};
}

std::uint32_t SubscriberList::lanes() const {
  std::uint32_t lanes = 0;
  if (count_ > 1 && many_->index) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      if (many_->index->in_lane[lane] != 0) lanes |= 1U << lane;
    }
    return lanes;
  }
  for (const Subscriber subscriber : view()) lanes |= 1U << subscriber.lane();
  return lanes;
}

}  // namespace respublica
