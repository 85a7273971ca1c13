#pragma once
// What the server tells about itself: /healthz, /metrics, and /_localstack/health for scripts that wait for
// an emulator to come up.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "net/handler.h"

namespace sightline::server {

struct StatusSources {
  std::function<std::string()> models;   ///< "loading", "ready", or what is wrong
  std::function<std::string()> metrics;  ///< in Prometheus' text format
  std::vector<std::string_view> services;
};

/// Whether the request is for one of these pages. Signed requests never are: a bucket may have the same name.
[[nodiscard]] bool is_for_status_page(const net::RequestHead& head);
/// The page that such a request is for.
[[nodiscard]] net::Response status_page(const net::RequestHead& head, const StatusSources& sources);

}  // namespace sightline::server
