#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <string_view>

#include "broker/topic.h"

namespace respublica {

/// Topics of one kind by name; owns them. Names come with their hash, which is computed once per command.
///
/// Thread: its owner's.
class TopicTable {
 public:
  TopicTable() = default;
  ~TopicTable() {
    for (Topic* topic : topics_) Topic::Pointer(topic).reset();
  }
  TopicTable(const TopicTable&) = delete;
  TopicTable& operator=(const TopicTable&) = delete;

  std::size_t size() const { return topics_.size(); }

  /// nullptr if there is none.
  Topic* find(std::uint64_t hash, std::string_view name) const {
    const auto found = topics_.find(Key{hash, name});
    return found == topics_.end() ? nullptr : *found;
  }

  /// Adds a topic whose name is not in the table.
  Topic& insert(Topic::Pointer topic) {
    topics_.insert(topic.get());
    return *topic.release();
  }

  /// Removes and destroys a topic of the table. Memory is given back as the table empties.
  void erase(Topic& topic) {
    topics_.erase(&topic);
    Topic::Pointer(&topic).reset();
    if (topics_.size() < topics_.bucket_count() / 8) topics_.rehash(topics_.size() * 2);
  }

  auto begin() const { return topics_.begin(); }
  auto end() const { return topics_.end(); }

 private:
  struct Key {
    std::uint64_t hash;
    std::string_view name;
  };
  struct Hash {
    using is_transparent = void;
    using is_avalanching = void;
    std::size_t operator()(const Topic* topic) const { return topic->hash(); }
    std::size_t operator()(const Key& key) const { return key.hash; }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const Topic* a, const Topic* b) const { return a == b; }
    bool operator()(const Key& key, const Topic* topic) const {
      return key.hash == topic->hash() && key.name == topic->name();
    }
    bool operator()(const Topic* topic, const Key& key) const { return (*this)(key, topic); }
  };

  boost::unordered_flat_set<Topic*, Hash, Equal> topics_;
};

}  // namespace respublica
