#pragma once
// All services over an empty folder, called from inside.

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "app/server/adapters/models.h"
#include "app/server/services.h"
#include "base/random.h"
#include "base/set_clock.h"

namespace sightline::server {

/// What goes wrong without a caller seeing it fails the test, unless trouble() takes it.
class ServicesTest : public ::testing::Test {
 protected:
  static constexpr std::string_view kAccount = "000000000000";

  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "services_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    auto store =
        inference::ModelStore::open({std::getenv("SIGHTLINE_MODELS")},
                                    {std::filesystem::path(std::getenv("SIGHTLINE_CACHE")) / "models"});
    ASSERT_TRUE(store) << store.error().message;
    inference::RuntimeOptions runtime;
    runtime.threads = 1;
    runtime.cache_folder = std::filesystem::path(std::getenv("SIGHTLINE_CACHE")) / "compiled";
    models_.emplace(*store, runtime);
    environment_.emplace(
        Settings{}, jobs::WorkerProgram{}, clock_, random_, pools_, *models_,
        [this](std::string_view, std::string_view what) {
          const std::scoped_lock lock(troubles_mutex_);
          troubles_.emplace_back(what);
        },
        aws::dispatch::OnInnerCall{}, [] { return std::string(); });
    auto opened = Services::open(folder_, options_, *environment_);
    ASSERT_TRUE(opened) << opened.error().message;
    services_ = std::move(*opened);
  }

  void TearDown() override {
    services_.reset();
    std::filesystem::remove_all(folder_);
    for (const std::string& trouble : troubles_) ADD_FAILURE() << trouble;
  }

  /// What was said in the log since the last call, once there is something.
  std::string trouble() {
    for (int i = 0; i < 1000; ++i) {
      {
        const std::scoped_lock lock(troubles_mutex_);
        if (!troubles_.empty()) return std::exchange(troubles_, {}).front();
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return "(nothing)";
  }

  double metric(std::string_view name) const {
    for (const Metric& metric : services_->metrics().all())
      if (metric.name == name) return metric.read();
    return -1;
  }

  /// The answer as `caller_`, or "Code: message".
  std::string call(std::string_view service, std::string_view operation, std::string_view document) {
    std::promise<std::string> promise;
    services_->invoker().call_json(
        caller_, service, operation, document, [&](aws::wire::Answer<std::string> answer) {
          promise.set_value(answer ? *answer : answer.error().code + ": " + answer.error().message);
        });
    return promise.get_future().get();
  }

  std::filesystem::path folder_;
  std::mutex troubles_mutex_;
  std::vector<std::string> troubles_;
  ServeOptions options_;
  SetClock clock_;
  SystemRandom random_;
  std::optional<Models> models_;
  Pools pools_{1};
  std::optional<Environment> environment_;
  std::unique_ptr<Services> services_;
  aws::dispatch::InnerCaller caller_{identity::root_of(kAccount), "us-east-1", "http://127.0.0.1:4566"};
};

}  // namespace sightline::server
