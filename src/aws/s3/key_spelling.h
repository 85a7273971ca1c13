#pragma once
// How keys stand in answers. S3 takes any UTF-8 as a key, and answers in XML 1.0, which cannot carry all of
// it (docs/adr/0023): an answer names exactly the stored key, or none.

#include <functional>
#include <optional>
#include <string>

#include "aws/wire/service_error.h"

namespace sightline::aws::s3 {

/// The key in an answer about one object. nullopt where XML cannot carry it: the client named it, and knows
/// it.
[[nodiscard]] std::optional<std::string> key_in_answer(const std::optional<std::string>& key);

/// Calls `visit` with every member of a listing that is a key or a piece of one, where it is there.
template <typename Listing, typename Visit>
void for_each_key(Listing& listing, const Visit& visit) {
  const auto one = [&](auto& member) {
    if (member) visit(*member);
  };
  one(listing.prefix);
  one(listing.delimiter);
  if constexpr (requires { listing.marker; }) one(listing.marker);
  if constexpr (requires { listing.next_marker; }) one(listing.next_marker);
  if constexpr (requires { listing.start_after; }) one(listing.start_after);
  if constexpr (requires { listing.key_marker; }) one(listing.key_marker);
  if constexpr (requires { listing.next_key_marker; }) one(listing.next_key_marker);
  const auto all = [&](auto& entries, const auto& key) {
    if (!entries) return;
    for (auto& entry : *entries) one(std::invoke(key, entry));
  };
  if constexpr (requires { listing.contents; }) all(listing.contents, [](auto& e) -> auto& { return e.key; });
  if constexpr (requires { listing.uploads; }) all(listing.uploads, [](auto& e) -> auto& { return e.key; });
  all(listing.common_prefixes, [](auto& e) -> auto& { return e.prefix; });
}

/// Of one key of a listing.
[[nodiscard]] bool stands_in_xml(const std::string& key);
[[nodiscard]] std::string in_url_encoding(const std::string& key);

/// The last step of a listing that was made with keys as they are stored: percent-encodes all of them, and
/// says so in its EncodingType, where the client asked for that or XML could not carry one of them.
template <typename Listing>
void spell_keys(const std::optional<std::string>& asked_encoding, Listing& listing) {
  bool encoded = asked_encoding.has_value();
  for_each_key(listing, [&](const std::string& key) { encoded = encoded || !stands_in_xml(key); });
  if (!encoded) return;
  for_each_key(listing, [](std::string& key) { key = in_url_encoding(key); });
  listing.encoding_type = "url";
}

}  // namespace sightline::aws::s3
