#include <utility>
#include <vector>

#include "broker/sequencer.h"

// How the sequencer serves readings of virtual channels.

namespace respublica {
namespace {

/// Groups that are looked for with one frame.
constexpr std::size_t kLooksAtOnce = 16;

}  // namespace

const ConsumerGroup* Sequencer::find_group(const VirtualLooks::Group& group) {
  const std::shared_ptr<const Stream> stream = streams_.find(group.channel);
  return stream == nullptr ? nullptr : batch_->groups().find(stream->number(), group.name);
}

void Sequencer::look_for_groups() {
  if (failed_ || virtual_looks_.empty()) return;
  std::vector<std::pair<VirtualLooks::Group, WaitingReads::Number>> looks;
  Work work;
  while (looks.size() < kLooksAtOnce) {
    std::optional<VirtualLooks::Group> group = virtual_looks_.take();
    if (!group) break;
    const std::vector<WaitingReads::Number> waiting = waiting_.find(group->channel, group->name);
    const ConsumerGroup* const found = find_group(*group);
    if (waiting.empty() || found == nullptr) continue;
    const std::optional<StreamId> begin = virtual_looks_.begin(*group, found->last_delivered());
    if (!begin) {
      end_at_end(waiting);
      continue;
    }
    DurableCommand look = waiting_.command(waiting.front());
    std::get<ReadGroup>(look.change).look_from = begin;
    work.commands.push_back(std::move(look));
    looks.emplace_back(std::move(*group), waiting.front());
  }
  if (looks.empty()) return;
  work.done = [this, &looks](std::vector<DurableOutcome> outcomes) {
    for (std::size_t i = 0; i < looks.size(); ++i) looked(looks[i].first, looks[i].second, std::move(outcomes[i]));
  };
  std::vector<Work> works;
  works.push_back(std::move(work));
  commit(works);
}

void Sequencer::looked(const VirtualLooks::Group& group, WaitingReads::Number number, DurableOutcome outcome) {
  const ConsumerGroup* const found = find_group(group);
  if (outcome.id && found != nullptr) {
    virtual_looks_.reached_end(group, found->last_delivered());
  } else {
    virtual_looks_.left(group);
  }
  if (!is_nothing(outcome)) waiting_.take(number).done({std::move(outcome)});
  // Others may wait; and there may be more.
  virtual_looks_.ask(group);
}

void Sequencer::end_at_end(const std::vector<WaitingReads::Number>& waiting) {
  for (const WaitingReads::Number number : waiting) {
    if (waiting_.at_end(number) == ReadWait::AtEnd::ends) waiting_.take(number).done({answer_of(GroupReading{})});
  }
}

}  // namespace respublica
