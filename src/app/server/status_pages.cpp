#include "app/server/status_pages.h"

#include <boost/json.hpp>

namespace sightline::server {
namespace {

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

std::optional<net::Response> status_page(const net::RequestHead& head, const StatusSources& sources) {
  if (head.method != "GET" && head.method != "HEAD") return std::nullopt;
  if (head.headers.find("Authorization") || head.target.find('?') != std::string::npos) return std::nullopt;
  const std::string_view path = head.path();
  if (path == "/healthz") {
    return json_page({{"status", "ok"}, {"models", sources.models()}, {"version", SIGHTLINE_VERSION}});
  }
  if (path == "/metrics") return page("text/plain; version=0.0.4; charset=utf-8", sources.metrics());
  if (path == "/_localstack/health") {
    boost::json::object services;
    for (const std::string_view name : sources.services) services[name] = "available";
    return json_page({{"services", services}, {"edition", "sightline"}, {"version", SIGHTLINE_VERSION}});
  }
  return std::nullopt;
}

}  // namespace sightline::server
