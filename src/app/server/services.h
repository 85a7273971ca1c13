#pragma once
// Everything behind the port, joined: the domains (assembly/domains.h) over their stores, and what leads a
// request to them.

#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "app/server/assembly/environment.h"
#include "app/server/config.h"
#include "aws/dispatch/dispatcher.h"
#include "aws/dispatch/invoker.h"
#include "base/metrics.h"
#include "base/result.h"

namespace sightline::server {

/// Thread-safe.
class Services {
 public:
  /// Opens what is in `folder`, or makes it. `environment` outlives the services.
  static Result<std::unique_ptr<Services>> open(const std::filesystem::path& folder,
                                                const ServeOptions& options, const Environment& environment);
  /// Once no request is under way.
  ~Services();

  [[nodiscard]] const aws::dispatch::Dispatcher& dispatcher() const;
  /// For calls that do not come over HTTP.
  [[nodiscard]] const aws::dispatch::Invoker& invoker() const;
  /// Another process has changed the keys.
  [[nodiscard]] Result<void> reload_keys();
  /// What the domains and their stores count.
  [[nodiscard]] const MetricRegistry& metrics() const;
  /// A line for the log about each domain that has work left.
  [[nodiscard]] std::vector<std::string> unfinished() const;
  /// Ends what runs by itself, such as workers on stored videos. Requests may still come.
  void stop();
  /// Of all AWS services that are answered.
  [[nodiscard]] static std::vector<std::string_view> names();

 private:
  struct Impl;
  explicit Services(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sightline::server
