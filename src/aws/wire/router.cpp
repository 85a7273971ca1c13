#include "aws/wire/router.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "aws/wire/rest_route.h"
#include "aws/wire/uri.h"
#include "base/ascii.h"

namespace sightline::aws::wire {
namespace {

constexpr std::string_view kForm = "application/x-www-form-urlencoded";

std::string parameter(const std::vector<Parameter>& parameters, std::string_view name) {
  const auto found = std::ranges::find(parameters, name, &Parameter::name);
  return found == parameters.end() ? std::string() : found->value;
}

const Route* find_route(const Service& service, std::string_view name) {
  const auto found = std::ranges::find(service.routes, name, &Route::name);
  return found == service.routes.end() ? nullptr : &*found;
}

std::expected<Match, NoMatch> by_name(const Service& service, std::string_view name,
                                      std::string_view version = {}) {
  const Route* route = find_route(service, name);
  if (!route) return std::unexpected(NoMatch{&service, unknown_operation(service, name, version), {}});
  if (!route->operation) {
    return std::unexpected(NoMatch{&service, unsupported_operation(service, name), std::string(name)});
  }
  return Match{&service, route->operation, {}};
}

bool names_action(const HttpRequest& request) {
  const auto query = parse_query(request.query());
  return query && !parameter(*query, "Action").empty();
}

/// What answers a service's requests in the query protocol: its twin, where it has one.
const Service* for_query(const Service* service) {
  return service->twin ? service->twin : service;
}

/// A bucket's path as it would be without its name in the host.
std::string path_style(const std::optional<std::string>& bucket, std::string_view path) {
  if (!path.starts_with('/')) path = "/";
  if (!bucket) return std::string(path);
  return "/" + percent_encode(*bucket) + std::string(path);
}

/// S3's control plane signs as S3 does, and has paths of its own.
bool is_s3_control(const HttpRequest& request) {
  return request.path().starts_with("/v20180820/") && request.headers.find("x-amz-account-id");
}

bool is_rest(const Service& service) {
  return service.protocol == Protocol::rest_json || service.protocol == Protocol::rest_xml;
}

}  // namespace

bool is_form(const HttpRequest& request) {
  const auto type = request.headers.find("content-type");
  return request.method == "POST" && type && equals_ignoring_case(type->substr(0, kForm.size()), kForm);
}

Router::Router(std::vector<const Service*> services, const Service* fallback, std::vector<std::string> hosts)
    : services_(std::move(services)),
      fallback_(fallback),
      form_fallback_(fallback),
      hosts_(std::move(hosts)) {
  const auto speaks_query = [](const Service* service) {
    return for_query(service)->protocol == Protocol::query;
  };
  const auto found = std::ranges::find_if(services_, speaks_query);
  if (found != services_.end()) form_fallback_ = for_query(*found);
  std::vector<std::string_view> names;
  for (const Service* service : services_) names.push_back(service->signing_name);
  std::ranges::sort(names);
  served_ = fmt::format("{}", fmt::join(names, ", "));
}

bool Router::serves(std::string_view signing_name) const {
  return std::ranges::find(services_, signing_name, &Service::signing_name) != services_.end();
}

/// The service that stands for the error in logs and the like; its protocol does not count.
NoMatch Router::unserved(const HttpRequest& request, const Unserved& asked) const {
  const ErrorFormat format = error_format_of(request, asked.service);
  return {fallback_, unserved_service(asked, format, served_), {}};
}

const Service* Router::signed_for(const HttpRequest& request, std::string_view signer) const {
  const auto found = std::ranges::find(services_, signer, &Service::signing_name);
  if (found == services_.end()) return nullptr;
  const Service* service = *found;
  if (!service->twin || request.headers.find("x-amz-target")) return service;
  return is_form(request) || names_action(request) ? for_query(service) : service;
}

std::optional<std::string_view> Router::before_own_name(std::string_view host) const {
  host = host.substr(0, host.find(':'));
  for (const std::string& own : hosts_) {
    if (host.size() <= own.size() + 1 || host[host.size() - own.size() - 1] != '.') continue;
    if (equals_ignoring_case(host.substr(host.size() - own.size()), own))
      return host.substr(0, host.size() - own.size() - 1);
  }
  return std::nullopt;
}

std::optional<std::string> Router::bucket_of_host(const Service& service, std::string_view host) const {
  const auto before = service.traits.bucket_in_host ? before_own_name(host) : std::nullopt;
  if (!before) return std::nullopt;
  // s3.localhost and s3.us-east-1.localhost are the service itself; a bucket may stand before either.
  const std::size_t at = *before == "s3" || before->starts_with("s3.") ? 0 : before->find(".s3.");
  if (at == 0) return std::nullopt;
  if (at != std::string_view::npos) return std::string(before->substr(0, at));
  return std::string(before->ends_with(".s3") ? before->substr(0, before->size() - 3) : *before);
}

const Service* Router::named_by_host(std::string_view host) const {
  const auto before = before_own_name(host);
  if (!before) return nullptr;
  const std::string_view name = before->substr(0, before->find('.'));
  const auto found = std::ranges::find_if(services_, [&](const Service* each) {
    return is_rest(*each) && !each->traits.bucket_in_host && each->endpoint == name;
  });
  return found == services_.end() ? nullptr : *found;
}

std::expected<Match, NoMatch> Router::find_json(const HttpRequest& request, std::string_view target,
                                                std::string_view signer) const {
  const std::size_t point = target.rfind('.');
  const std::string_view prefix = target.substr(0, point);
  const std::string_view name =
      point == std::string_view::npos ? std::string_view() : target.substr(point + 1);
  for (const Service* service : services_) {
    if (service->protocol == Protocol::json && service->target_prefix == prefix)
      return by_name(*service, name);
  }
  const bool misdirected = signer.empty() || serves(signer);
  return std::unexpected(
      unserved(request, {std::string(misdirected ? prefix : signer), std::string(target), {}}));
}

std::expected<Match, NoMatch> Router::find_query(const HttpRequest& request, std::string_view signer,
                                                 const Service* service) const {
  auto parameters =
      is_form(request) ? parse_query(request.body_text(), Plus::space) : parse_query(request.query());
  if (!parameters) {
    const Service& speaker = service ? *service : *form_fallback_;
    return std::unexpected(NoMatch{&speaker, malformed_error(speaker, "The form cannot be read."), {}});
  }
  const std::string action = parameter(*parameters, "Action");
  const std::string version = parameter(*parameters, "Version");
  if (!service) {
    const auto found = std::ranges::find_if(services_, [&](const Service* each) {
      const Service& spoken = *for_query(each);
      return spoken.protocol == Protocol::query &&
             (version.empty() ? find_route(spoken, action) != nullptr : spoken.api_version == version);
    });
    // A version may be that of several services.
    const bool ours = found != services_.end() &&
                      (signer.empty() || serves(signer) || find_route(*for_query(*found), action) != nullptr);
    if (!ours) return std::unexpected(unserved(request, {std::string(signer), action, version}));
    service = for_query(*found);
  }
  return by_name(*service, action, version);
}

/// Services may share a signing name (apigateway and apigatewayv2): the one that has the path is meant.
std::expected<Match, NoMatch> Router::find_rest(const HttpRequest& request, const Service& service) const {
  const auto query = parse_query(request.query());
  if (!query)
    return std::unexpected(NoMatch{&service, malformed_error(service, "The query cannot be read."), {}});
  const auto host = request.headers.find("host");
  std::optional<NoMatch> none;
  for (const Service* each : services_) {
    if (!is_rest(*each) || each->signing_name != service.signing_name) continue;
    const auto bucket = host ? bucket_of_host(*each, *host) : std::nullopt;
    auto found = find_rest_route(*each, request, path_style(bucket, request.path()), *query);
    if (found && found->route->operation)
      return Match{each, found->route->operation, std::move(found->labels)};
    if (found && !none) {
      none = NoMatch{each, unsupported_operation(*each, found->route->name), std::string(found->route->name)};
    }
  }
  if (none) return std::unexpected(*std::move(none));
  return std::unexpected(NoMatch{&service, unknown_operation(service, operation_of_path(request)), {}});
}

std::expected<Match, NoMatch> Router::find(const HttpRequest& request, std::string_view signer) const {
  if (const auto target = request.headers.find("x-amz-target")) return find_json(request, *target, signer);
  const Service* service = signed_for(request, signer);
  if (service && service->protocol == Protocol::query) return find_query(request, signer, service);
  if (service && service->protocol == Protocol::json) {
    return std::unexpected(NoMatch{service, unknown_operation(*service, ""), {}});
  }
  if (!service) {
    if (is_form(request) || names_action(request)) return find_query(request, signer, nullptr);
    if (!signer.empty() && !serves(signer)) {
      return std::unexpected(unserved(request, {std::string(signer), operation_of_path(request), {}}));
    }
    const auto host = request.headers.find("host");
    service = host ? named_by_host(*host) : nullptr;
    if (!service) service = fallback_;
  }
  if (service->traits.bucket_in_host && is_s3_control(request)) {
    return std::unexpected(unserved(request, {"s3control", operation_of_path(request), {}}));
  }
  return find_rest(request, *service);
}

}  // namespace sightline::aws::wire
