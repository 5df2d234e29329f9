#pragma once
// What a subscriber gets of an entry.

#include <string>
#include <string_view>

namespace respublica {

/// The one field of an entry that PUBLISH adds.
inline constexpr std::string_view kPayloadField = "payload";

/// An entry as a message: the value of its one field `payload`, or a JSON object of all its fields. In the object a
/// byte that is not part of valid UTF-8 stands as the code point of that value (as ISO 8859-1). `fields` is for
/// FieldsReader; the view is into it or into `scratch`.
std::string_view live_payload(std::string_view fields, std::string& scratch);

}  // namespace respublica
