#include "app/cli/server_client.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <ranges>

#include "base/ascii.h"
#include "base/clock.h"
#include "base/file.h"
#include "net/outgoing/http_client.h"

namespace sightline::cli {
namespace {

namespace json = boost::json;
namespace sigv4 = aws::sigv4;

constexpr std::string_view kSigningName = "sightline";
constexpr std::size_t kMaxCredentials = std::size_t{1} << 20U;
constexpr std::size_t kMaxAnswer = std::size_t{64} << 20U;
/// A server in local mode lets in whoever is on its machine, with any key.
constexpr const char* kAnyKey = "any";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  return first == std::string_view::npos ? ""
                                         : text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::optional<std::string> set_variable(const Variable& variable, const char* name) {
  auto value = variable(name);
  return value && !value->empty() ? value : std::nullopt;
}

/// A section of an INI file, as AWS's tools write it.
std::optional<sigv4::SigningKeys> keys_in(std::string_view text, std::string_view profile) {
  sigv4::SigningKeys keys;
  bool in_section = false;
  for (const auto& part : std::views::split(text, '\n')) {
    const std::string_view line = trimmed({part.begin(), part.end()});
    if (line.starts_with('[') && line.ends_with(']')) {
      in_section = trimmed(line.substr(1, line.size() - 2)) == profile;
      continue;
    }
    const std::size_t equals = line.find('=');
    if (!in_section || equals == std::string_view::npos || line.starts_with('#') || line.starts_with(';'))
      continue;
    const std::string name = to_lower(trimmed(line.substr(0, equals)));
    const std::string value(trimmed(line.substr(equals + 1)));
    if (name == "aws_access_key_id") keys.access_key_id = value;
    if (name == "aws_secret_access_key") keys.secret = value;
    if (name == "aws_session_token") keys.session_token = value;
  }
  if (keys.access_key_id.empty() || keys.secret.empty()) return std::nullopt;
  return keys;
}

/// "com.example#AccessDenied" or "AccessDenied".
std::string code_of(const json::object& answer) {
  const std::string type = text_member(answer, "__type");
  return type.substr(type.rfind('#') + 1);
}

std::string message_of(const json::object& answer) {
  const std::string message = text_member(answer, "message");
  return message.empty() ? text_member(answer, "Message") : message;
}

Error refused(int status, const json::object& answer, std::string_view where) {
  const std::string code = code_of(answer);
  constexpr std::string_view kOfKeys[] = {"UnrecognizedClientException", "InvalidClientTokenId",
                                          "InvalidSignatureException", "MissingAuthenticationTokenException",
                                          "ExpiredTokenException"};
  if (std::ranges::find(kOfKeys, code) != std::end(kOfKeys)) {
    return {ErrorKind::permission_denied,
            fmt::format("the server at {} does not take these keys ({}): set AWS_ACCESS_KEY_ID and "
                        "AWS_SECRET_ACCESS_KEY to some that it made; `sightline keys create` makes them",
                        where, code)};
  }
  const ErrorKind kind = status == 403 || code.starts_with("AccessDenied") ? ErrorKind::permission_denied
                         : status >= 500                                   ? ErrorKind::unavailable
                                                                           : ErrorKind::invalid_argument;
  return {kind, fmt::format("the server at {} refuses: {}{}{} (status {})", where, code,
                            code.empty() ? "" : ": ", message_of(answer), status)};
}

}  // namespace

std::string text_member(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::vector<json::object> object_members(const json::object& object, std::string_view name) {
  std::vector<json::object> members;
  const json::value* all = object.if_contains(name);
  if (all == nullptr || !all->is_array()) return members;
  for (const json::value& each : all->get_array())
    if (each.is_object()) members.push_back(each.get_object());
  return members;
}

void add_client_flags(CLI::App& command, ClientFlags& flags) {
  command
      .add_option("--endpoint", flags.endpoint,
                  fmt::format("the server to ask (AWS_ENDPOINT_URL, else {})", kUsualEndpoint))
      ->type_name("URL");
}

Result<void> check_source(const ClientFlags& flags, const std::string& data_folder) {
  if (flags.endpoint.empty() || data_folder.empty()) return {};
  return fail(ErrorKind::invalid_argument,
              "--endpoint asks a server, --data reads a folder: give one of them");
}

Result<server::WebAddress> endpoint_of(const ClientFlags& flags, const Variable& variable) {
  if (!flags.endpoint.empty()) return server::parse_web_address("--endpoint", flags.endpoint);
  if (const auto url = set_variable(variable, "AWS_ENDPOINT_URL"))
    return server::parse_web_address("AWS_ENDPOINT_URL", *url);
  return server::parse_web_address("--endpoint", kUsualEndpoint);
}

Result<std::optional<sigv4::SigningKeys>> keys_of(const Variable& variable) {
  const auto id = set_variable(variable, "AWS_ACCESS_KEY_ID");
  const auto secret = set_variable(variable, "AWS_SECRET_ACCESS_KEY");
  if (id && secret) {
    return sigv4::SigningKeys{*id, *secret, set_variable(variable, "AWS_SESSION_TOKEN").value_or("")};
  }
  if (id || secret) {
    return fail(ErrorKind::invalid_argument,
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set together or not at all");
  }
  const auto named_file = set_variable(variable, "AWS_SHARED_CREDENTIALS_FILE");
  const auto named_profile = set_variable(variable, "AWS_PROFILE");
  const auto home = set_variable(variable, "HOME");
  if (!named_file && !home) return std::nullopt;
  const std::filesystem::path file =
      named_file ? std::filesystem::path(*named_file) : std::filesystem::path(*home) / ".aws" / "credentials";
  const std::string profile = named_profile.value_or("default");
  const auto text = read_file(file, kMaxCredentials);
  if (!text) {
    if (text.error().kind == ErrorKind::not_found && !named_file && !named_profile) return std::nullopt;
    return std::unexpected(text.error());
  }
  auto keys = keys_in({reinterpret_cast<const char*>(text->data()), text->size()}, profile);
  if (!keys && named_profile) {
    return fail(ErrorKind::not_found,
                fmt::format("'{}' has no keys of the profile '{}'", file.string(), profile));
  }
  return keys;
}

Result<ServerClient> ServerClient::open(const ClientFlags& flags, const Variable& variable) {
  ServerClient client;
  client.address_ = TRY(endpoint_of(flags, variable));
  client.keys_ = TRY(keys_of(variable));
  const auto region = set_variable(variable, "AWS_REGION");
  client.region_ = region ? *region : set_variable(variable, "AWS_DEFAULT_REGION").value_or("us-east-1");
  client.authorities_file_ = set_variable(variable, "AWS_CA_BUNDLE").value_or("");
  return client;
}

Result<json::object> ServerClient::call(std::string_view operation, const json::object& document) const {
  const std::string where = to_string(address_);
  outgoing::HttpRequest request;
  request.method = "POST";
  request.url = where + "/";
  request.body = json::serialize(document);
  aws::wire::HttpRequest signed_request{
      "POST",
      "/",
      {{"Host", where.substr(where.find("://") + 3)},
       {"Content-Type", "application/x-amz-json-1.1"},
       {"X-Amz-Target", fmt::format("Sightline.{}", operation)}},
      {reinterpret_cast<const std::uint8_t*>(request.body.data()), request.body.size()}};
  const auto now = std::chrono::floor<std::chrono::seconds>(SystemClock().now());
  if (!sigv4::sign(signed_request, keys_.value_or(sigv4::SigningKeys{kAnyKey, kAnyKey, ""}), region_,
                   kSigningName, now))
    return fail(ErrorKind::internal, "the request cannot be signed");
  for (const auto& [name, value] : signed_request.headers)
    if (name != "Host") request.headers.push_back({name, value});

  // The operator's own command line names the host, and so allows it.
  outgoing::HttpOptions options;
  options.destinations = TRY(outgoing::Destinations::allowing({&address_.host, 1}));
  options.authorities_file = authorities_file_;
  options.limits.max_body = kMaxAnswer;
  const auto response = outgoing::HttpClient(std::move(options)).send(request);
  if (!response) {
    if (response.error().kind != ErrorKind::unavailable) return std::unexpected(response.error());
    return fail(ErrorKind::unavailable,
                fmt::format("no server answers at {}: {}; start one with `sightline serve`, or name another "
                            "with --endpoint",
                            where, response.error().message));
  }
  boost::system::error_code broken;
  const json::value answer = json::parse(response->body, broken);
  if (broken || !answer.is_object()) {
    return fail(ErrorKind::corrupt, fmt::format("what answers at {} is no Sightline server (status {})",
                                                where, response->status));
  }
  if (response->status != 200) return std::unexpected(refused(response->status, answer.get_object(), where));
  return answer.get_object();
}

}  // namespace sightline::cli
