#pragma once
// What the tool writes for programs: a JSON object a line.

#include <string>
#include <string_view>

#include "broker/stream.h"
#include "storage/record.h"
#include "tools/log/channel_names.h"
#include "tools/log/log_visitor.h"
#include "tools/terminal/json_bytes.h"

namespace respublica::logtool {

/// "5-1".
std::string shown_id(EntryKey id);

/// Appends "channel" and "number"; the channel is null where its name is not known.
void append_channel(std::string& out, ChannelNumber channel, const ChannelNames& names);

/// The name of a record's kind, as docs/log-format.md has it.
std::string_view kind_name(Record::Kind kind);

/// A stream of a checkpoint that knows the records before `as_of`, without a newline.
std::string stream_line(const Stream& stream, LogPosition as_of);

/// A record and its place, without a newline. `names` knows the channel of a record that ends it, still.
std::string record_line(const Record& record, const RecordPlace& place, const ChannelNames& names);

/// A place where the log is not as it should be, without a newline.
std::string damage_line(const Damage& damage, const ChannelNames& names);

}  // namespace respublica::logtool
