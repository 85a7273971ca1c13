#include "aws/sigv4/signature_v2.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "aws/sigv4/canonical_request.h"
#include "aws/wire/uri.h"
#include "base/ascii.h"
#include "base/base64.h"
#include "base/hmac.h"

namespace sightline::aws::sigv4 {
namespace {

/// Parameters that name another resource, or change the answer: they are part of what is signed.
constexpr std::array<std::string_view, 34> kSubresources = {"accelerate",
                                                            "acl",
                                                            "analytics",
                                                            "cors",
                                                            "defaultObjectAcl",
                                                            "delete",
                                                            "inventory",
                                                            "lifecycle",
                                                            "location",
                                                            "logging",
                                                            "metrics",
                                                            "notification",
                                                            "object-lock",
                                                            "partNumber",
                                                            "policy",
                                                            "replication",
                                                            "requestPayment",
                                                            "response-cache-control",
                                                            "response-content-disposition",
                                                            "response-content-encoding",
                                                            "response-content-language",
                                                            "response-content-type",
                                                            "response-expires",
                                                            "restore",
                                                            "select",
                                                            "select-type",
                                                            "storageClass",
                                                            "tagging",
                                                            "torrent",
                                                            "uploadId",
                                                            "uploads",
                                                            "versionId",
                                                            "versioning",
                                                            "versions"};

/// Clients sign `?uploads` and `?uploads=` as they send them.
bool has_equals_sign(std::string_view query, const wire::Parameter& parameter) {
  return !parameter.value.empty() ||
         ("&" + std::string(query)).find("&" + parameter.name + "=") != std::string::npos;
}

}  // namespace

std::string string_to_sign_v2(const wire::HttpRequest& request, const Presented& presented,
                              const std::optional<std::string>& bucket) {
  const auto query = wire::parse_query(request.query()).value_or(std::vector<wire::Parameter>{});
  std::map<std::string, std::string> amazon;
  std::string resource = bucket ? "/" + *bucket : "";
  resource += request.path();
  std::vector<std::string> parts;
  const auto from_query = [&](std::string_view name) {
    const auto found = std::ranges::find_if(query, [&](const wire::Parameter& p) { return p.name == name; });
    return found == query.end() ? std::string() : found->value;
  };
  for (const wire::Parameter& parameter : query) {
    if (parameter.name.starts_with("x-amz-")) amazon.try_emplace(parameter.name, parameter.value);
    if (parameter.name == "website" ||
        std::ranges::find(kSubresources, parameter.name) != kSubresources.end()) {
      parts.push_back(has_equals_sign(request.query(), parameter) ? parameter.name + "=" + parameter.value
                                                                  : parameter.name);
    }
  }
  for (const wire::Header& line : request.headers) {
    const std::string name = to_lower(line.name);
    if (name.starts_with("x-amz-")) amazon[name] = canonical_header(request.headers, name).value_or("");
  }
  std::ranges::sort(parts);
  std::string text =
      fmt::format("{}\n{}\n{}\n{}\n", request.method,
                  canonical_header(request.headers, "content-md5").value_or(from_query("content-md5")),
                  canonical_header(request.headers, "content-type").value_or(from_query("content-type")),
                  presented.expires_at ? presented.expires_at->time_since_epoch().count() : 0);
  for (const auto& [name, value] : amazon) text += fmt::format("{}:{}\n", name, value);
  text += resource;
  for (std::size_t i = 0; i < parts.size(); ++i) text += (i == 0 ? '?' : '&') + parts[i];
  return text;
}

std::string signature_v2(std::string_view secret, std::string_view string_to_sign) {
  return base64_encode(
      hmac_sha1({reinterpret_cast<const std::uint8_t*>(secret.data()), secret.size()}, string_to_sign));
}

}  // namespace sightline::aws::sigv4
