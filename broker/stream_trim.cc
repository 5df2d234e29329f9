#include "broker/stream_trim.h"

#include <algorithm>
#include <span>

namespace respublica {
namespace {

/// Above all entries of the stream.
StreamId behind_last(const Stream& stream) { return stream.last_id().next().value_or(kMaxStreamId); }

/// Below this ID everything goes that is in the windows up to `index`.
StreamId behind_window(const Stream& stream, std::size_t index) {
  const StreamWindows& windows = stream.windows();
  return index + 1 < windows.size() ? windows[index + 1].first : behind_last(stream);
}

/// The windows at the front that an approximate rule takes off whole.
StreamCut cut_of_whole_windows(const Stream& stream, const TrimRule& rule) {
  const StreamWindows& windows = stream.windows();
  StreamCut cut;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const StreamId next = behind_window(stream, i);
    const std::uint64_t removed = cut.removed + windows[i].live;
    const bool allowed = rule.strategy == TrimRule::Strategy::maxlen ? stream.length() - removed >= rule.max_entries
                                                                     : next <= rule.min_id;
    if (!allowed || (rule.limit != 0 && removed > rule.limit)) break;
    cut = {next, removed, 0};
  }
  return cut;
}

/// How much of a window goes.
enum class Share : std::uint8_t { all, some, none };

/// Takes off windows at the front while share_of(index) is `all`; of one of which it is `some`, entries while
/// takes(entry) is true.
template <typename ShareOf, typename Takes>
Result<StreamCut> cut_front(StreamReader& reader, const Stream& stream, ShareOf share_of, Takes takes) {
  const StreamWindows& windows = stream.windows();
  StreamCut cut;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const Share share = share_of(i);
    if (share == Share::none) break;
    if (share == Share::all) {
      cut.removed += windows[i].live;
      cut.first_kept = behind_window(stream, i);
      continue;
    }
    const Result<std::span<const StoredEntry>> entries = reader.window(stream, windows[i]);
    if (!entries) return entries.error();
    for (const StoredEntry& entry : entries.value()) {
      cut.first_kept = entry.id;
      if (!takes(entry)) break;
      ++cut.removed;
      cut.part_bytes += entry.bytes;
      cut.first_kept = behind_window(stream, i);
    }
    break;
  }
  return cut;
}

/// All but the newest `kept` entries.
Result<StreamCut> cut_by_count(StreamReader& reader, const Stream& stream, std::uint64_t kept) {
  std::uint64_t left = stream.length() - std::min(stream.length(), kept);
  const auto share_of = [&](std::size_t index) {
    const std::uint64_t live = stream.windows()[index].live;
    if (live > left) return left == 0 ? Share::none : Share::some;
    left -= live;
    return Share::all;
  };
  return cut_front(reader, stream, share_of, [&left](const StoredEntry&) { return left != 0 && left-- != 0; });
}

Result<StreamCut> cut_by_id(StreamReader& reader, const Stream& stream, StreamId min_id) {
  const StreamWindows& windows = stream.windows();
  const auto share_of = [&](std::size_t index) {
    if (windows[index].first >= min_id) return Share::none;
    return index + 1 < windows.size() && windows[index + 1].first <= min_id ? Share::all : Share::some;
  };
  return cut_front(reader, stream, share_of, [min_id](const StoredEntry& entry) { return entry.id < min_id; });
}

/// The oldest entries, until the others take no more than `limit`, or only the newest is left.
Result<StreamCut> cut_by_bytes(StreamReader& reader, const Stream& stream, std::uint64_t limit) {
  std::uint64_t bytes = stream.windows().bytes();
  std::uint64_t length = stream.length();
  const auto share_of = [&](std::size_t index) {
    const StreamWindow& window = stream.windows()[index];
    if (bytes <= limit) return Share::none;
    if (bytes - window.bytes < limit || length <= window.live) return Share::some;
    bytes -= window.bytes;
    length -= window.live;
    return Share::all;
  };
  const auto takes = [&](const StoredEntry& entry) {
    if (bytes <= limit || length == 1) return false;
    bytes -= std::min(bytes, entry.bytes);
    --length;
    return true;
  };
  return cut_front(reader, stream, share_of, takes);
}

Result<StreamCut> cut_by_age(StreamReader& reader, const Stream& stream, LogPosition old_before) {
  const auto share_of = [&](std::size_t index) {
    const StreamWindow& window = stream.windows()[index];
    if (window.begin >= old_before) return Share::none;
    return window.last < old_before ? Share::all : Share::some;
  };
  return cut_front(reader, stream, share_of,
                   [old_before](const StoredEntry& entry) { return entry.position < old_before; });
}

/// One in a hundred more than a limit is allowed.
bool is_beyond(std::uint64_t amount, std::uint64_t limit) {
  return limit != 0 && amount > limit && amount - limit > limit / 100;
}

}  // namespace

Result<StreamCut> cut_by_rule(StreamReader& reader, const Stream& stream, const TrimRule& rule) {
  if (rule.precision == TrimRule::Precision::approximate) return cut_of_whole_windows(stream, rule);
  if (rule.strategy == TrimRule::Strategy::minid) return cut_by_id(reader, stream, rule.min_id);
  return cut_by_count(reader, stream, rule.max_entries);
}

Result<StreamCut> cut_by_limits(StreamReader& reader, const Stream& stream, const StreamLimits& limits,
                                LogPosition old_before) {
  StreamCut most;
  const auto take = [&most](const Result<StreamCut>& cut) -> Result<void> {
    if (!cut) return cut.error();
    if (cut.value().removed > most.removed) most = cut.value();
    return {};
  };
  if (is_beyond(stream.length(), limits.entries)) {
    if (auto taken = take(cut_by_count(reader, stream, limits.entries)); !taken) return taken.error();
  }
  if (is_beyond(stream.windows().bytes(), limits.bytes)) {
    if (auto taken = take(cut_by_bytes(reader, stream, limits.bytes)); !taken) return taken.error();
  }
  if (limits.age_ms != 0) {
    if (auto taken = take(cut_by_age(reader, stream, old_before)); !taken) return taken.error();
  }
  return most;
}

bool may_be_beyond(const Stream& stream, const StreamLimits& limits, LogPosition old_before) {
  if (stream.length() == 0) return false;
  if (limits.age_ms != 0 && stream.windows()[0].begin < old_before) return true;
  // The newest entry stays, however large it is.
  if (stream.length() == 1) return false;
  return is_beyond(stream.length(), limits.entries) || is_beyond(stream.windows().bytes(), limits.bytes);
}

}  // namespace respublica
