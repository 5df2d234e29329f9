#pragma once
// Channels that are made of the entries of others: `$all` and `$ce:<category>`.

#include <optional>
#include <string>
#include <string_view>

namespace respublica {

/// Names that begin with `$` belong to the broker: no key of such a name can be changed.
inline bool is_broker_name(std::string_view name) { return name.starts_with('$'); }

/// The category of a channel: its name up to the first colon; the whole name when it has none.
inline std::string_view category_of(std::string_view channel) { return channel.substr(0, channel.find(':')); }

/// All entries of all channels, or of those of one category, in the order of their commits.
class VirtualChannel {
 public:
  static constexpr std::string_view kAll = "$all";
  static constexpr std::string_view kCategoryPrefix = "$ce:";
  /// What stands before the own fields of an entry: its channel, and its ID there.
  static constexpr std::string_view kChannelField = "$channel";
  static constexpr std::string_view kIdField = "$id";

  static bool is_name(std::string_view name) { return name == kAll || name.starts_with(kCategoryPrefix); }

  /// None when it is no such name.
  static std::optional<VirtualChannel> named(std::string_view name) {
    if (name == kAll) return VirtualChannel(std::nullopt);
    if (!name.starts_with(kCategoryPrefix)) return std::nullopt;
    return VirtualChannel(std::string(name.substr(kCategoryPrefix.size())));
  }
  /// The name of the one that has the category of `channel`.
  static std::string category_name(std::string_view channel) {
    return std::string(kCategoryPrefix) + std::string(category_of(channel));
  }

  bool contains(std::string_view channel) const {
    return category_ ? category_of(channel) == *category_ : !is_broker_name(channel);
  }

 private:
  explicit VirtualChannel(std::optional<std::string> category) : category_(std::move(category)) {}

  /// None: all.
  std::optional<std::string> category_;
};

}  // namespace respublica
