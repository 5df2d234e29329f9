#include "tools/log/channel_names.h"

#include "base/json_text.h"

namespace respublica::logtool {

ChannelNames::ChannelNames(const KnownStreams& known) {
  for (const auto& [number, entry] : known.streams()) names_[number] = entry.stream->name();
}

void ChannelNames::see(const Record& record) {
  if (record.kind == Record::Kind::channel) names_[record.channel.channel] = record.channel.name;
  if (record.kind == Record::Kind::drop) names_.erase(record.drop.channel);
}

const std::string* ChannelNames::find(ChannelNumber channel) const {
  const auto found = names_.find(channel);
  return found == names_.end() ? nullptr : &found->second;
}

std::string ChannelNames::shown(ChannelNumber channel) const {
  const std::string* name = find(channel);
  if (name == nullptr) return "number " + std::to_string(channel.value);
  std::string text;
  append_json_string(text, *name);
  return text;
}

}  // namespace respublica::logtool
