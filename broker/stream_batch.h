#pragma once
// Decides what commands change, and gathers it as the records of one frame.

#include <boost/unordered/unordered_flat_map.hpp>
#include <cassert>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/dead_letter_counts.h"
#include "broker/dead_letters.h"
#include "broker/durable_command.h"
#include "broker/durable_rules.h"
#include "broker/group_edit.h"
#include "broker/group_table.h"
#include "broker/key_event.h"
#include "broker/log_tail.h"
#include "broker/log_times.h"
#include "broker/name_hash.h"
#include "broker/producer_table.h"
#include "broker/stream_reader.h"
#include "broker/stream_table.h"
#include "broker/stream_trim.h"
#include "broker/stream_watches.h"
#include "broker/virtual_reader.h"
#include "storage/frame_builder.h"
#include "storage/frame_marks.h"
#include "storage/message_log.h"

namespace respublica {

/// The commands of one commit: each is decided on what the earlier ones of the batch have changed already, which nobody
/// else sees before publish(). A decision depends on the streams, the command and the batch's time alone.
///
///     begin() -> decide() ... decide() -> [MessageLog::append(frame()), sync()] -> publish(), or discard()
///
/// Thread: the sequencer.
class StreamBatch final : public RecordSource {
 public:
  /// `next_number` is given to the next stream that is made; `times` and `last_ms` are those of what the log has, and
  /// `groups` and `producers` are those of its streams.
  StreamBatch(StreamTable& streams, const MessageLog& log, ChannelNumber next_number, LogTimes times = {},
              std::uint64_t last_ms = 0, GroupTable groups = {}, ProducerTable producers = {});
  /// There is no log yet, and so no stream: only for commands that change nothing then.
  explicit StreamBatch(StreamTable& streams);

  /// Which events are to be gathered from the next batch on; none at first.
  void tell(KeyEventClasses classes) { told_ = classes; }
  /// Whether what a batch changes can be written.
  enum class Room : std::uint8_t {
    enough,
    /// It is for commands that look alone: nothing is changed, not even streams whose time is over.
    none,
  };
  /// Begins a batch, whose frame will stand at `position`. `now_ms` (milliseconds since 1970) never goes back.
  void begin(LogPosition position, std::uint64_t now_ms, Room room = Room::enough);
  /// The rules of the batches from the next one on; none at first.
  void set_rules(std::shared_ptr<const DurableRules> rules) {
    rules_ = std::move(rules);
    group_edit_.forget_orders();
  }
  DurableOutcome decide(const DurableCommand& command);
  /// Decides once more on a command that has waited.
  DurableOutcome decide_again(const DurableCommand& command);
  /// That of the next stream that is made.
  ChannelNumber next_number() const { return next_number_; }
  /// Stands for decide() where a command is not to be done.
  DurableOutcome refuse(Refusal refusal);
  /// The stream has not changed since it was watched: neither is a change shown nor has this batch made one.
  bool unchanged(const StreamWatch& watch);
  FrameBuilder& frame() { return frame_; }
  const LogTimes& times() const { return times_; }
  GroupTable& groups() { return groups_; }
  ProducerTable& producers() { return producers_; }
  /// Streams whose groups may have something for those who wait, or are gone, since the last call. A name may be there
  /// twice.
  std::vector<TouchedGroup> take_touched() { return group_edit_.take_touched(); }
  std::vector<std::string> take_woken() { return std::exchange(woken_, {}); }

  /// The entries that the batch has added and that subscribers are to get, in order.
  struct LiveEntry {
    std::string_view channel;
    StreamId id;
    /// For FieldsReader.
    std::string_view fields;
    /// Which call of decide() or refuse() since begin() it was; kNoCommand: none asked for it.
    std::size_t command = 0;
  };
  static constexpr std::size_t kNoCommand = std::numeric_limits<std::size_t>::max();
  /// Views into the commands, the streams and what append_own() and announce() got: until the next begin().
  const std::vector<LiveEntry>& live_entries() const { return live_; }
  /// Channels that entries were added to without a command, since begin(). A name may be there twice.
  std::vector<std::string_view> own_channels() const;

  /// What happened to streams, in order. Until publish() or discard().
  std::vector<KeyEvent>& events() { return events_; }

  /// Is told of each stream that was changed, once readers see it as it is now; null when it is gone.
  using Shown = std::function<void(const std::string& name, const Stream* stream)>;
  /// The batch is on the disk: shows its streams to all.
  void publish(const Shown& shown);
  /// The batch could not be written: nothing of it has happened to streams. Groups and producers are not to be used any
  /// more.
  void discard();

  // For decisions about groups (GroupEdit).
  /// The time of the batch.
  std::uint64_t now_ms() const { return now_ms_; }
  StreamReader& reader() { return reader_; }
  /// Reads virtual channels as the commit before has left them: what the batch has deleted is there still.
  VirtualReader virtual_reader() { return {streams_, *log_, marks_, position_, now_ms_}; }
  /// The batch has not deleted the entry.
  bool has(const VirtualEntry& entry) const;
  /// The last ID of virtual channels, in front of what the batch adds next.
  StreamId last_virtual_id() const { return {now_ms_, position_.value + frame_.size() - 1}; }
  /// Where its frame stands: no entry that it adds has a smaller ID in a virtual channel.
  StreamId first_virtual_id() const { return {now_ms_, position_.value}; }
  /// The stream of that name as the batch has left it, or null.
  const Stream* find(std::string_view name);
  Stream& make(const std::string& name);
  /// Who watches the stream is to see a change.
  void touch(const Stream& stream) { edit(stream); }
  /// Those who wait for the groups of a stream are to look again.
  void wake(const std::string& channel) { woken_.push_back(channel); }
  void note(KeyEventClass kind, std::string_view event, const std::string& channel);
  /// Adds an entry that no command has asked for.
  DurableOutcome append_own(std::string channel, AppendEntry entry);
  /// The same, as XADD would: where a rule matches, subscribers get it, the channel is limited, and the entry may have
  /// a ttl of its own; but it does not wait. False, and nothing has changed, when there is no ID left.
  [[nodiscard]] bool append_own(std::string channel, std::string fields);
  /// So many entries can be added to the channel by append_own().
  [[nodiscard]] bool has_ids_left(std::string_view channel, std::uint64_t entries);
  /// Gives subscribers of a channel something that is in no stream.
  void announce(std::string channel, std::string fields);
  /// The rule of a channel in this batch, and what it says of groups; null: there is none.
  const DurableRule* durable_rule_of(std::string_view channel) const;
  const GroupRule* rule_of(std::string_view channel) const;
  /// What the rule says of the time of entries; nothing without a rule.
  EntryRule entry_rule_of(std::string_view channel) const;
  /// Dead letters of some rule may go to the channel.
  bool is_dlq(std::string_view channel) const { return rules_ != nullptr && rules_->is_dlq(channel); }
  /// Deletes those of the entries that are there; returns how many. An error when the log cannot be read.
  Result<std::uint64_t> erase(const Stream& stream, std::vector<StreamId> ids);
  /// Deletes entries that are there, each named once, in the order of their IDs; `event` says what has done it.
  void erase_present(const Stream& stream, const std::vector<StreamId>& ids, std::string_view event = "xdel");
  /// What has become of dead letters since the broker began.
  DeadLetterCounts& dead_letter_counts() { return dead_letter_counts_; }
  /// The stream is gone.
  void drop(const Stream& stream);

  Result<std::size_t> read(LogPosition position, std::span<char> into) const override;

 private:
  /// What find() has found, to be changed.
  Stream& edit(const Stream& stream);
  /// Adds the record to the frame and to the stream, which it does not contradict.
  template <typename Change>
  void change(const Stream& stream, const Change& record);

  DurableOutcome run(const std::string& channel, const AppendEntry& command);
  DurableOutcome run(const std::string& channel, const DeleteEntries& command);
  DurableOutcome run(const std::string& channel, const TrimStream& command);
  DurableOutcome run(const std::string& channel, const LimitStream& command);
  DurableOutcome run(const std::string& channel, const ExpireEntries& command);
  DurableOutcome run(const std::string& channel, const SetStreamId& command);
  DurableOutcome run(const std::string& channel, const DropStream& command);
  DurableOutcome run(const std::string& channel, const ExpireStream& command);
  DurableOutcome run(const std::string& channel, const KeepStream& command);
  DurableOutcome run(const std::string& channel, const DropExpired& command);
  DurableOutcome run(const std::string& channel, const LimitIdempotence& command);
  DurableOutcome run(const std::string& channel, const ShowProducers& command);
  DurableOutcome run(const std::string& channel, const ShowStreams& command);
  template <typename GroupCommand>
  DurableOutcome run(const std::string& channel, const GroupCommand& command);

  /// Has the entry wait until it is due.
  DurableOutcome add_later(const std::string& channel, const AppendEntry& command, std::uint64_t due_ms);
  /// The entry that the command's idempotent ID led to, or null.
  const OriginalEntry* original_of(const Stream& stream, const AppendEntry& command);
  /// The command's idempotent ID has led to an entry.
  void track(const Stream& stream, const AppendEntry& command, StreamId id);
  void limit_producers(const Stream& stream, const IdempotenceLimits& limits);
  void change_producers(const ProducerRecord& record);

  /// Trims `stream` as the rule says; returns how many entries went.
  Result<std::uint64_t> trim(const Stream& stream, const TrimRule& rule, References references);
  Result<std::uint64_t> trim_acknowledged(const Stream& stream, const TrimRule& rule);
  Result<std::uint64_t> limit(const Stream& stream, const StreamLimits& limits);
  /// Takes off what is below `first_kept`, and makes dead letters of what groups want; not all at once.
  Result<std::uint64_t> take_off_wanted(const Stream& stream, StreamId first_kept, DeathReason reason);
  Result<std::uint64_t> take_off(const Stream& stream, const Result<StreamCut>& cut);
  /// What the limits of its rule take off may become dead letters.
  bool makes_letters(const Stream& stream);

  StreamTable& streams_;
  /// Null when there is none.
  const MessageLog* log_;
  LogTail tail_;
  ChannelNumber next_number_;
  ChannelNumber number_before_;
  FrameBuilder frame_;
  LogPosition position_;
  std::uint64_t now_ms_ = 0;
  Room room_ = Room::enough;
  LogTimes times_;
  std::size_t commands_ = 0;
  /// Streams that the batch has changed, by name; null = dropped.
  boost::unordered_flat_map<std::string, std::shared_ptr<Stream>, NameHash, std::equal_to<>> changed_;
  std::vector<LiveEntry> live_;
  KeyEventClasses told_;
  std::vector<KeyEvent> events_;
  StreamReader reader_;
  FrameMarks marks_;
  GroupTable groups_;
  GroupEdit group_edit_;
  ProducerTable producers_;
  std::vector<std::string> woken_;
  std::shared_ptr<const DurableRules> rules_;
  /// What append_own() and announce() got: live_ has views of it.
  std::deque<DurableCommand> own_;
  DeadLetterCounts dead_letter_counts_;
};

template <typename Change>
void StreamBatch::change(const Stream& stream, const Change& record) {
  frame_.add(record);
  [[maybe_unused]] const bool applied = edit(stream).apply(record);
  assert(applied);
}

}  // namespace respublica
