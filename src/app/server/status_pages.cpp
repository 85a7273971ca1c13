#include "app/server/status_pages.h"

#include <boost/json.hpp>

namespace sightline::server {
namespace {

constexpr std::string_view kHealth = "/healthz";
constexpr std::string_view kMetrics = "/metrics";
constexpr std::string_view kEmulatorHealth = "/_localstack/health";

net::Response page(std::string type, std::string body) {
  net::Response response;
  response.headers.add("Content-Type", std::move(type));
  response.headers.add("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

net::Response json_page(const boost::json::object& object) {
  return page("application/json", boost::json::serialize(object) + "\n");
}

}  // namespace

bool is_for_status_page(const net::RequestHead& head) {
  if (head.method != "GET" && head.method != "HEAD") return false;
  const std::string_view target = head.target;
  if (target != kHealth && target != kMetrics && target != kEmulatorHealth) return false;
  return !head.headers.find("Authorization");
}

net::Response status_page(const net::RequestHead& head, const StatusSources& sources) {
  if (head.target == kHealth) {
    return json_page({{"status", "ok"}, {"models", sources.models()}, {"version", SIGHTLINE_VERSION}});
  }
  if (head.target == kMetrics) return page("text/plain; version=0.0.4; charset=utf-8", sources.metrics());
  boost::json::object services;
  for (const std::string_view name : sources.services) services[name] = "available";
  return json_page({{"services", services}, {"edition", "sightline"}, {"version", SIGHTLINE_VERSION}});
}

}  // namespace sightline::server
