#include "tests/support/simulated_directory.h"

#include <algorithm>

namespace respublica::test {

SimulatedDirectory::File SimulatedDirectory::find(const std::string& name) const {
  const auto found = current_.find(name);
  return found == current_.end() ? nullptr : found->second;
}

void SimulatedDirectory::sync() {
  durable_ = current_;
  unsynced_.clear();
}

void SimulatedDirectory::crash(SeededRandom& random) {
  const std::vector<std::size_t> group = groups();
  for (std::size_t first = 0; first < unsynced_.size(); ++first) {
    if (group[first] != first) continue;
    const auto count = static_cast<std::uint64_t>(std::ranges::count(group, first));
    std::uint64_t happened = random.below(count + 1);
    for (std::size_t i = first; happened > 0; ++i) {
      if (group[i] != first) continue;
      apply(unsynced_[i], durable_);
      --happened;
    }
  }
  current_ = durable_;
  unsynced_.clear();
}

void SimulatedDirectory::apply(const Change& change, Files& files) {
  if (!change.from.empty()) files.erase(change.from);
  if (!change.to.empty()) files[change.to] = change.file;
}

void SimulatedDirectory::change(const Change& change) {
  apply(change, current_);
  unsynced_.push_back(change);
}

std::vector<std::size_t> SimulatedDirectory::groups() const {
  std::vector<std::size_t> group;
  std::map<std::string, std::size_t> group_of;
  for (const Change& change : unsynced_) {
    std::size_t mine = group.size();
    for (const std::string* name : {&change.from, &change.to}) {
      if (name->empty()) continue;
      const std::size_t other = group_of.try_emplace(*name, mine).first->second;
      const std::size_t joined = std::min(mine, other);
      std::ranges::replace(group, std::max(mine, other), joined);
      for (auto& [any_name, number] : group_of) {
        if (number == mine || number == other) number = joined;
      }
      mine = joined;
    }
    group.push_back(mine);
  }
  return group;
}

}  // namespace respublica::test
