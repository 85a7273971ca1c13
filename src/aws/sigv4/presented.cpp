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

/// Whatever can be read, or why not.
template <typename T>
using Read = std::expected<T, SignatureProblem>;

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
  SignatureReader(const HttpRequest& request, Form form) : request_(request) { presented_.form = form; }

  Read<Presented> from_header(std::string_view header) {
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
    presented_.declared_payload = request_.headers.find("x-amz-content-sha256");
    return std::move(presented_);
  }

  Read<Presented> from_query(const std::vector<Parameter>& query) {
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
    presented_.declared_payload = request_.headers.find("x-amz-content-sha256");
    const std::string* hash = only(query, "X-Amz-Content-Sha256");
    if (hash && !presented_.declared_payload) presented_.declared_payload = *hash;
    return std::move(presented_);
  }

  Read<Presented> from_query_v2(const std::vector<Parameter>& query) {
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
  std::unexpected<SignatureProblem> refuse(std::string message) const {
    return std::unexpected(SignatureProblem{presented_.form, std::move(message)});
  }

  Read<void> need(std::string_view part, std::string_view name) const {
    if (!part.empty()) return {};
    return refuse(fmt::format("Authorization header requires '{}' parameter.", name));
  }

  /// KEY/20150830/us-east-1/service/aws4_request. A key id holds no slash.
  Read<void> read_credential(std::string_view credential) {
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

  Read<void> read_signed_headers(std::string_view text) {
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

  Read<void> set_time(std::string_view text) {
    const auto time = parse_basic_time(text);
    if (!time) return refuse(fmt::format("Date must be in ISO-8601 'basic format'. Got '{}'.", text));
    presented_.signed_at = *time;
    return {};
  }

  Read<void> read_header_time() {
    if (const auto date = request_.headers.find("x-amz-date")) return set_time(*date);
    const auto date = request_.headers.find("date");
    if (!date)
      return refuse("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
    const auto time = wire::parse_timestamp(*date, wire::TimestampFormat::http_date);
    if (!time) return set_time(*date);
    presented_.signed_at = floor<seconds>(*time);
    return {};
  }

  Read<void> read_expiry(const std::vector<Parameter>& query) {
    if (!has(query, "X-Amz-Expires")) return {};
    const std::string* text = only(query, "X-Amz-Expires");
    const auto count = text ? parse_whole<std::int64_t>(*text) : std::nullopt;
    if (!count || *count < 0) return refuse("X-Amz-Expires should be a number");
    if (*count > kMaxExpires) return refuse("X-Amz-Expires must be less than a week (in seconds)");
    presented_.expires_at = presented_.signed_at + seconds(*count);
    return {};
  }

  const HttpRequest& request_;
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

/// The fourth part of KEY/20240101/us-east-1/SERVICE/aws4_request, however the rest looks.
std::string service_of_scope(std::string_view credential) {
  for (int i = 0; i < 3; ++i) {
    const std::size_t slash = credential.find('/');
    if (slash == std::string_view::npos) return {};
    credential.remove_prefix(slash + 1);
  }
  return std::string(credential.substr(0, credential.find('/')));
}

std::string named_service(std::optional<std::string_view> header, const std::vector<Parameter>& query) {
  if (header) {
    constexpr std::string_view kCredential = "Credential=";
    const std::size_t at = header->find(kCredential);
    return at == std::string_view::npos ? std::string()
                                        : service_of_scope(header->substr(at + kCredential.size()));
  }
  const auto first = [&](std::string_view name) -> std::string_view {
    const auto found = std::ranges::find(query, name, &Parameter::name);
    return found == query.end() ? std::string_view() : found->value;
  };
  // Version 2 signs only for S3, and does not say so.
  if (!first("AWSAccessKeyId").empty() && !first("Signature").empty()) return "s3";
  return service_of_scope(first("X-Amz-Credential"));
}

Read<Presented> read_presented(const HttpRequest& request, std::optional<std::string_view> header,
                               const std::optional<std::vector<Parameter>>& query) {
  const auto problem = [](Form form, std::string message) {
    return std::unexpected(SignatureProblem{form, std::move(message)});
  };
  if (!query)
    return header ? Read<Presented>(problem(Form::query, "The query cannot be read.")) : problem({}, {});
  const bool v4 = has(*query, "X-Amz-Signature") || has(*query, "X-Amz-Algorithm");
  const bool v2 = has(*query, "AWSAccessKeyId");
  if (static_cast<int>(header.has_value()) + static_cast<int>(v4) + static_cast<int>(v2) > 1)
    return problem(Form::query, "Only one auth mechanism allowed");
  if (!header && !v4 && !v2) return problem({}, {});
  if (has_ambiguous_header(request)) return problem(Form::header, "A header is given twice.");
  if (header) {
    if (!header->starts_with(kAlgorithm) || !header->substr(kAlgorithm.size()).starts_with(' ')) {
      return problem(
          Form::header,
          "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.");
    }
    return SignatureReader(request, Form::header).from_header(*header);
  }
  if (v4) return SignatureReader(request, Form::query).from_query(*query);
  return SignatureReader(request, Form::query_v2).from_query_v2(*query);
}

/// What the head says of the body, for services that take its word.
Answer<void> accept_payload(Presented& presented) {
  if (!presented.declared_payload && presented.form == Form::header) {
    return std::unexpected(
        wire::ServiceError{"InvalidRequest", "InvalidRequest",
                           "Missing required header for this request: x-amz-content-sha256"});
  }
  presented.payload_hash = presented.declared_payload.value_or("UNSIGNED-PAYLOAD");
  const std::string& hash = presented.payload_hash;
  if (is_hex_of(hash, 64)) {
    presented.payload = Payload::hashed;
  } else if (hash == "UNSIGNED-PAYLOAD") {
    presented.payload = Payload::unsigned_body;
  } else if (hash == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD") {
    presented.payload = Payload::streaming_signed;
  } else if (hash == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER") {
    presented.payload = Payload::streaming_signed_trailer;
  } else if (hash == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") {
    presented.payload = Payload::streaming_unsigned_trailer;
  } else {
    return std::unexpected(wire::ServiceError{
        "InvalidArgument", "InvalidArgument",
        "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 "
        "value."});
  }
  return {};
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

Signature read_signature(const HttpRequest& request) {
  const auto query = wire::parse_query(request.query());
  const auto header = request.headers.find("authorization");
  return {named_service(header, query.value_or(std::vector<Parameter>())),
          read_presented(request, header, query)};
}

Answer<Presented> accept_form(Signature signature, const Service& service) {
  const auto incomplete = [&](Form form, std::string message) {
    wire::ServiceError error = auth_error(service, AuthFailure::incomplete, std::move(message));
    if (service.traits.s3_answers && form != Form::header)
      error.type = error.code = "AuthorizationQueryParametersError";
    return std::unexpected(std::move(error));
  };
  if (!signature.present()) return std::unexpected(auth_error(service, AuthFailure::missing));
  const bool links = service.traits.links;
  const Form form = signature.presented ? signature.presented->form : signature.presented.error().form;
  if (form == Form::query_v2 && !links) return std::unexpected(auth_error(service, AuthFailure::missing));
  if (!signature.presented) return incomplete(form, std::move(signature.presented.error().message));
  Presented& presented = *signature.presented;
  if (form == Form::query_v2) return std::move(presented);
  if (links && form == Form::query && !presented.expires_at)
    return incomplete(Form::query, "X-Amz-Expires should be a number");
  if (service.traits.payload_in_head) TRY(accept_payload(presented));
  return std::move(presented);
}

Answer<Presented> unsigned_form(const HttpRequest& request) {
  Presented presented;
  presented.declared_payload = request.headers.find("x-amz-content-sha256").value_or("UNSIGNED-PAYLOAD");
  TRY(accept_payload(presented));
  return presented;
}

}  // namespace sightline::aws::sigv4
