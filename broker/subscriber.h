#pragma once

#include <cstdint>
#include <functional>

namespace respublica {

/// Who hears: a session's number and the io thread it lives on, in one word. Session numbers are never reused, so that
/// a Subscriber that outlives its session is harmless: its io thread finds nobody and drops the message.
/// `lane` is a small number that the broker carries for the owner of the session (the form in which this subscriber
/// wants its messages) and reports back when it chooses receivers; it is no part of the identity.
struct Subscriber {
  static constexpr std::uint64_t kNumberBits = 48;

  Subscriber(std::uint8_t io_thread, std::uint8_t lane, std::uint64_t number)
      : word((std::uint64_t{io_thread} << 56) | (std::uint64_t{lane} << kNumberBits) | number) {}

  std::uint8_t io_thread() const { return static_cast<std::uint8_t>(word >> 56); }
  std::uint8_t lane() const { return static_cast<std::uint8_t>((word >> kNumberBits) & 0xff); }
  std::uint64_t number() const { return word & ((std::uint64_t{1} << kNumberBits) - 1); }
  bool same_session(Subscriber other) const { return number() == other.number(); }

  std::uint64_t word;
};

}  // namespace respublica
