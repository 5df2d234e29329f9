#include "tools/log/frame_remains.h"

#include "storage/record.h"
#include "storage/segment_format.h"

namespace respublica::logtool {

FrameRemains inspect_remains(std::string_view payload, std::optional<std::uint32_t> records) {
  FrameRemains remains;
  std::size_t whole_before_damage = 0;
  Record record;
  std::size_t at = 0;
  while (at < payload.size()) {
    const RecordRead read = read_record(payload.substr(at), record);
    if (read.status == RecordRead::Status::cut_off) break;
    if (read.status == RecordRead::Status::damaged) {
      if (!records) break;
      if (remains.damaged.empty()) whole_before_damage = remains.whole.size();
      remains.damaged.push_back({at, read.bytes});
    } else {
      remains.whole.push_back({at, read.bytes});
    }
    at += read.bytes;
  }
  const std::string_view rest = payload.substr(at);
  if (!records) {
    remains.is_complete = rest.size() < kFrameAlignment && rest.find_first_not_of('\0') == std::string_view::npos;
    return remains;
  }
  const bool is_led_to_end = rest.empty() && remains.whole.size() + remains.damaged.size() == *records;
  if (!is_led_to_end && !remains.damaged.empty()) {
    remains.whole.resize(whole_before_damage);
    remains.damaged.clear();
  }
  remains.is_complete = is_led_to_end;
  return remains;
}

}  // namespace respublica::logtool
