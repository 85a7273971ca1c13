#pragma once
// How keys stand in answers. XML 1.0 cannot carry every text (docs/adr/0023). No key that it cannot carry is
// taken any more, but old data folders hold some, and clients ask for them: an answer names exactly the
// stored key, or none.

#include <functional>
#include <optional>
#include <string>

#include "aws/s3/model.h"
#include "aws/wire/service_error.h"

namespace sightline::aws::s3 {

/// The key in an answer about one object. nullopt where XML cannot carry it: the client named it, and knows
/// it.
[[nodiscard]] std::optional<std::string> key_in_answer(const std::optional<std::string>& key);

/// Calls `visit` with every member of a listing that repeats a key, or a piece of one, of the request.
template <typename Listing, typename Visit>
void for_each_repeated(Listing& listing, const Visit& visit) {
  visit(listing.prefix);
  visit(listing.delimiter);
  if constexpr (requires { listing.marker; }) visit(listing.marker);
  if constexpr (requires { listing.start_after; }) visit(listing.start_after);
  if constexpr (requires { listing.key_marker; }) visit(listing.key_marker);
}

/// Calls `visit` with every member of a listing that is a key, or a piece of one, that was found.
template <typename Listing, typename Visit>
void for_each_found(Listing& listing, const Visit& visit) {
  if constexpr (requires { listing.next_marker; }) visit(listing.next_marker);
  if constexpr (requires { listing.next_key_marker; }) visit(listing.next_key_marker);
  const auto all = [&](auto& entries, const auto& key) {
    if (!entries) return;
    for (auto& entry : *entries) visit(std::invoke(key, entry));
  };
  if constexpr (requires { listing.contents; }) all(listing.contents, [](auto& e) -> auto& { return e.key; });
  if constexpr (requires { listing.uploads; }) all(listing.uploads, [](auto& e) -> auto& { return e.key; });
  all(listing.common_prefixes, [](auto& e) -> auto& { return e.prefix; });
}

/// Of one key of a listing; none counts as one that XML carries.
[[nodiscard]] bool stands_in_xml(const std::optional<std::string>& key);
[[nodiscard]] std::string in_url_encoding(const std::string& key);

/// The last step of a listing that was made with keys as they are stored. Where the client asked for the
/// encoding, all are percent-encoded, and EncodingType says so. Else they stay as they are, but those of the
/// request which XML cannot carry: they are left out. Error: InvalidRequest, where nothing was asked for and
/// XML cannot carry a key that was found.
template <typename Listing>
[[nodiscard]] wire::Answer<void> spell_keys(const std::optional<std::string>& asked_encoding,
                                            Listing& listing) {
  if (asked_encoding) {
    const auto encode = [](std::optional<std::string>& key) {
      if (key) key = in_url_encoding(*key);
    };
    for_each_repeated(listing, encode);
    for_each_found(listing, encode);
    listing.encoding_type = "url";
    return {};
  }
  for_each_repeated(listing, [](std::optional<std::string>& key) { key = key_in_answer(key); });
  bool carried = true;
  for_each_found(listing,
                 [&](const std::optional<std::string>& key) { carried = carried && stands_in_xml(key); });
  if (carried) return {};
  return wire::refuse(kInvalidRequest,
                      "A key of this page, made by an older version, cannot stand in XML. Ask for it with "
                      "encoding-type=url.");
}

}  // namespace sightline::aws::s3
