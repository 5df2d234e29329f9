#include "server/live_payload.h"

#include "base/json_text.h"
#include "storage/record.h"

namespace respublica {

std::string_view live_payload(std::string_view fields, std::string& scratch) {
  FieldsReader reader(fields);
  FieldsReader::Field field;
  if (reader.count() == 1) {
    field = reader.next();
    if (field.name == kPayloadField) return field.value;
    reader = FieldsReader(fields);
  }
  scratch.clear();
  for (std::size_t i = 0; i < reader.count(); ++i) {
    field = reader.next();
    scratch += i == 0 ? '{' : ',';
    append_json_string(scratch, field.name);
    scratch += ':';
    append_json_string(scratch, field.value);
  }
  scratch += '}';
  return scratch;
}

}  // namespace respublica
