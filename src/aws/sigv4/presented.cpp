#include "aws/sigv4/presented.h"

#include <fmt/format.h>

#include <algorithm>

#include "aws/sigv4/auth_error.h"
#include "aws/wire/scalar.h"
#include "aws/wire/uri.h"
#include "base/ascii.h"
#include "base/whole_number.h"

namespace sightline::aws::sigv4 {
namespace {

using namespace std::chrono;
using wire::Answer;
using wire::HttpRequest;
using wire::Parameter;
using wire::Service;

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::size_t kMaxRegion = 64;
constexpr std::int64_t kMaxExpires = 7 * 24 * 3600;

bool is_s3(const Service& service) {
  return service.signing_name == "s3";
}

std::unexpected<wire::ServiceError> incomplete(const Service& service, std::string message, Form form) {
  wire::ServiceError error = auth_error(service, AuthFailure::incomplete, std::move(message));
  if (service.protocol == wire::Protocol::rest_xml && form != Form::header) {
    error.type = error.code = "AuthorizationQueryParametersError";
  }
  return std::unexpected(std::move(error));
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// The one value of a parameter; nothing where it is missing or given twice.
const std::string* only(const std::vector<Parameter>& query, std::string_view name) {
  const Parameter* found = nullptr;
  for (const Parameter& parameter : query) {
    if (parameter.name != name) continue;
    if (found) return nullptr;
    found = &parameter;
  }
  return found ? &found->value : nullptr;
}

bool has(const std::vector<Parameter>& query, std::string_view name) {
  return std::ranges::find(query, name, &Parameter::name) != query.end();
}

bool is_hex_of(std::string_view text, std::size_t length) {
  return text.size() == length && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

class SignatureReader {
 public:
  SignatureReader(const HttpRequest& request, const Service& service, Form form)
      : request_(request), service_(service) {
    presented_.form = form;
  }

  Answer<Presented> from_header(std::string_view header) {
    std::string_view credential;
    std::string_view signed_headers;
    header.remove_prefix(kAlgorithm.size());
    for (const std::string_view part : split(header, ',')) {
      const std::string_view item = trimmed(part);
      const std::size_t equals = item.find('=');
      if (equals == std::string_view::npos) return refuse("Authorization header cannot be read.");
      std::string_view& place = item.starts_with("Credential=")      ? credential
                                : item.starts_with("SignedHeaders=") ? signed_headers
                                                                     : signature_;
      if (!place.empty() || (&place == &signature_ && !item.starts_with("Signature="))) {
        return refuse("Authorization header cannot be read.");
      }
      place = item.substr(equals + 1);
    }
    TRY(need(credential, "Credential"));
    TRY(need(signature_, "Signature"));
    TRY(need(signed_headers, "SignedHeaders"));
    TRY(read_credential(credential));
    TRY(read_signed_headers(signed_headers));
    TRY(read_header_time());
    presented_.signature = signature_;
    if (const auto token = request_.headers.find("x-amz-security-token")) presented_.session_token = *token;
    TRY(read_payload());
    return std::move(presented_);
  }

  Answer<Presented> from_query(const std::vector<Parameter>& query) {
    for (const char* name : {"X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"}) {
      if (!only(query, name))
        return refuse(fmt::format("Query-string authentication requires one {} parameter.", name));
    }
    const std::string* algorithm = only(query, "X-Amz-Algorithm");
    if (!algorithm || *algorithm != kAlgorithm)
      return refuse("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
    TRY(read_credential(*only(query, "X-Amz-Credential")));
    TRY(read_signed_headers(*only(query, "X-Amz-SignedHeaders")));
    TRY(set_time(*only(query, "X-Amz-Date")));
    TRY(read_expiry(query));
    presented_.signature = *only(query, "X-Amz-Signature");
    if (has(query, "X-Amz-Security-Token")) {
      const std::string* token = only(query, "X-Amz-Security-Token");
      if (!token) return refuse("X-Amz-Security-Token is given twice.");
      presented_.session_token = *token;
    }
    const std::string* hash = only(query, "X-Amz-Content-Sha256");
    TRY(read_payload(hash ? std::optional<std::string_view>(*hash) : std::nullopt));
    return std::move(presented_);
  }

  Answer<Presented> from_query_v2(const std::vector<Parameter>& query) {
    const std::string* key = only(query, "AWSAccessKeyId");
    const std::string* signature = only(query, "Signature");
    const std::string* expires = only(query, "Expires");
    if (!key || !signature || !expires) {
      return refuse(
          "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters");
    }
    const auto time = parse_whole<std::int64_t>(*expires);
    if (!time || *time < 0 || *time > 253402300799) return refuse("Expires is not a time.");
    presented_.access_key_id = *key;
    presented_.service = "s3";
    presented_.signature = *signature;
    presented_.expires_at = sys_seconds(seconds(*time));
    presented_.payload = Payload::unsigned_body;
    if (const std::string* token = only(query, "x-amz-security-token")) presented_.session_token = *token;
    return std::move(presented_);
  }

 private:
  std::unexpected<wire::ServiceError> refuse(std::string message) const {
    return incomplete(service_, std::move(message), presented_.form);
  }

  Answer<void> need(std::string_view part, std::string_view name) const {
    if (!part.empty()) return {};
    return refuse(fmt::format("Authorization header requires '{}' parameter.", name));
  }

  /// KEY/20150830/us-east-1/service/aws4_request. A key id holds no slash.
  Answer<void> read_credential(std::string_view credential) {
    const auto parts = split(credential, '/');
    if (parts.size() != 5 || parts[0].empty() || parts[0].size() > 128) {
      return refuse(
          "Credential must have 5 slash-delimited elements: key id, date, region, service, 'aws4_request'.");
    }
    if (parts[4] != "aws4_request") {
      return refuse(fmt::format(
          "Credential should be scoped with a valid terminator: 'aws4_request', not '{}'.", parts[4]));
    }
    // It becomes a part of ARNs: nothing may stand there that reads as another part.
    const auto in_region = [](char c) {
      return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z') || c == '-' || c == '_';
    };
    if (parts[2].size() > kMaxRegion || !std::ranges::all_of(parts[2], in_region))
      return refuse("Credential should be scoped to a valid region.");
    presented_.access_key_id = parts[0];
    presented_.date = parts[1];
    presented_.region = parts[2];
    presented_.service = parts[3];
    return {};
  }

  Answer<void> read_signed_headers(std::string_view text) {
    for (const std::string_view name : split(text, ';')) {
      if (name.empty() || std::ranges::any_of(name, [](char c) { return c >= 'A' && c <= 'Z'; })) {
        return refuse("SignedHeaders must be names in small letters.");
      }
      if (!presented_.signed_headers.empty() && presented_.signed_headers.back() >= name) {
        return refuse("SignedHeaders must be sorted, none twice.");
      }
      presented_.signed_headers.emplace_back(name);
    }
    return {};
  }

  Answer<void> set_time(std::string_view text) {
    const auto time = parse_basic_time(text);
    if (!time) return refuse(fmt::format("Date must be in ISO-8601 'basic format'. Got '{}'.", text));
    presented_.signed_at = *time;
    return {};
  }

  Answer<void> read_header_time() {
    if (const auto date = request_.headers.find("x-amz-date")) return set_time(*date);
    const auto date = request_.headers.find("date");
    if (!date)
      return refuse("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
    const auto time = wire::parse_timestamp(*date, wire::TimestampFormat::http_date);
    if (!time) return set_time(*date);
    presented_.signed_at = floor<seconds>(*time);
    return {};
  }

  Answer<void> read_expiry(const std::vector<Parameter>& query) {
    if (!has(query, "X-Amz-Expires") && !is_s3(service_)) return {};
    const std::string* text = only(query, "X-Amz-Expires");
    const auto count = text ? parse_whole<std::int64_t>(*text) : std::nullopt;
    if (!count || *count < 0) return refuse("X-Amz-Expires should be a number");
    if (*count > kMaxExpires) return refuse("X-Amz-Expires must be less than a week (in seconds)");
    presented_.expires_at = presented_.signed_at + seconds(*count);
    return {};
  }

  /// Only S3 lets a request say what its body is: everywhere else the body itself does.
  Answer<void> read_payload(std::optional<std::string_view> from_query = std::nullopt) {
    if (!is_s3(service_)) return {};
    const auto header = request_.headers.find("x-amz-content-sha256");
    const auto said = header ? header : from_query;
    if (!said && presented_.form == Form::header) {
      return std::unexpected(
          wire::ServiceError{"InvalidRequest", "InvalidRequest",
                             "Missing required header for this request: x-amz-content-sha256"});
    }
    presented_.payload_hash = said.value_or("UNSIGNED-PAYLOAD");
    const std::string& hash = presented_.payload_hash;
    if (is_hex_of(hash, 64)) {
      presented_.payload = Payload::hashed;
    } else if (hash == "UNSIGNED-PAYLOAD") {
      presented_.payload = Payload::unsigned_body;
    } else if (hash == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD") {
      presented_.payload = Payload::streaming_signed;
    } else if (hash == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER") {
      presented_.payload = Payload::streaming_signed_trailer;
    } else if (hash == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") {
      presented_.payload = Payload::streaming_unsigned_trailer;
    } else {
      return std::unexpected(wire::ServiceError{
          "InvalidArgument", "InvalidArgument",
          "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
          "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 "
          "value."});
    }
    return {};
  }

  const HttpRequest& request_;
  const Service& service_;
  std::string_view signature_;
  Presented presented_;
};

/// Headers that decide what a signature means: a second line of one would be read differently by someone
/// else.
bool has_ambiguous_header(const HttpRequest& request) {
  for (const char* name :
       {"authorization", "host", "x-amz-date", "date", "x-amz-content-sha256", "x-amz-security-token"}) {
    if (request.headers.count(name) > 1) return true;
  }
  return false;
}

}  // namespace

std::optional<sys_seconds> parse_basic_time(std::string_view text) {
  if (text.size() != 16) return std::nullopt;
  const std::string extended = fmt::format("{}-{}-{}:{}:{}", text.substr(0, 4), text.substr(4, 2),
                                           text.substr(6, 5), text.substr(11, 2), text.substr(13));
  const auto time = wire::parse_timestamp(extended, wire::TimestampFormat::iso8601);
  if (!time || !text.ends_with('Z')) return std::nullopt;
  return floor<seconds>(*time);
}

std::string Presented::timestamp() const {
  std::string text = wire::format_timestamp(signed_at, wire::TimestampFormat::iso8601);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

bool is_signed(const HttpRequest& request) {
  if (request.headers.find("authorization")) return true;
  const auto query = wire::parse_query(request.query());
  return query &&
         (has(*query, "X-Amz-Signature") || has(*query, "X-Amz-Algorithm") || has(*query, "AWSAccessKeyId"));
}

Answer<Presented> read_signature(const HttpRequest& request, const Service& service) {
  const auto query = wire::parse_query(request.query());
  if (!query) return incomplete(service, "The query cannot be read.", Form::query);
  const auto header = request.headers.find("authorization");
  const bool v4 = has(*query, "X-Amz-Signature") || has(*query, "X-Amz-Algorithm");
  const bool v2 = has(*query, "AWSAccessKeyId");
  if (static_cast<int>(header.has_value()) + static_cast<int>(v4) + static_cast<int>(v2) > 1) {
    return incomplete(service, "Only one auth mechanism allowed", Form::query);
  }
  if (has_ambiguous_header(request)) return incomplete(service, "A header is given twice.", Form::header);
  if (header) {
    if (!header->starts_with(kAlgorithm) || !header->substr(kAlgorithm.size()).starts_with(' ')) {
      return incomplete(
          service,
          "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
          Form::header);
    }
    return SignatureReader(request, service, Form::header).from_header(*header);
  }
  if (v4) return SignatureReader(request, service, Form::query).from_query(*query);
  if (v2 && is_s3(service)) return SignatureReader(request, service, Form::query_v2).from_query_v2(*query);
  return std::unexpected(auth_error(service, AuthFailure::missing));
}

}  // namespace sightline::aws::sigv4
