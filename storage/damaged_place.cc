#include "storage/damaged_place.h"

namespace respublica {

DamageVerdict judge(const DamagedPlace& place) {
  if (place.is_sealed || place.position < place.known_durable) return DamageVerdict::corrupt;
  if (place.later_durable && place.position < *place.later_durable) return DamageVerdict::corrupt;
  return DamageVerdict::unacknowledged;
}

}  // namespace respublica
