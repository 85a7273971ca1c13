// Every operation of every service, called by nobody: what its row in operations.txt demands is asked for
// before anything is read or changed.

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <future>
#include <map>
#include <sstream>

#include "app/server/adapters/models.h"
#include "app/server/services.h"
#include "aws/wire/pattern.h"
#include "base/set_clock.h"

namespace sightline::server {
namespace {

namespace fs = std::filesystem;
namespace wire = aws::wire;

constexpr std::string_view kAccount = "000000000000";

/// The least document that a shape takes: its required members, each with a value that keeps to its limits.
class LeastDocument {
 public:
  std::string of(const wire::Shape& shape) {
    switch (shape.type) {
      case wire::ShapeType::structure:
        return structure(shape);
      case wire::ShapeType::list:
        return "[" + of(*shape.element) + "]";
      case wire::ShapeType::map:
        return "{\"k\": " + of(*shape.element) + "}";
      case wire::ShapeType::string:
        return "\"" + text(shape) + "\"";
      case wire::ShapeType::blob:
        return "\"AAAA\"";
      case wire::ShapeType::boolean:
        return "true";
      default:
        return std::to_string(std::max<std::int64_t>(shape.min, 1));
    }
  }

 private:
  std::string structure(const wire::Shape& shape) {
    std::string members;
    for (const wire::Member& member : shape.members) {
      if (!member.required) continue;
      if (!members.empty()) members += ", ";
      members += "\"" + std::string(member.name) + "\": " + value_of(member);
    }
    return "{" + members + "}";
  }

  std::string value_of(const wire::Member& member) {
    // Of these the model says that they are any text.
    if (member.name == "QueueUrl") return "\"http://127.0.0.1:4566/000000000000/inside\"";
    if (member.name == "CopySource") return "\"inside/inside\"";
    return of(*member.shape);
  }

  std::string text(const wire::Shape& shape) {
    if (!shape.values.empty()) return std::string(shape.values.front());
    wire::PatternSet pattern;
    if (!shape.pattern.empty()) {
      EXPECT_TRUE(pattern.add(shape));
    }
    for (std::string candidate : {"inside", "AKIAIOSFODNN7EXAMPLE", "01234567-89ab-cdef-0123-456789abcdef",
                                  "1", "12", "v1", "a:b", "arn:aws:iam::000000000000:role/inside", "/inside/",
                                  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}) {
      const auto size = static_cast<std::int64_t>(candidate.size());
      if (size >= shape.min && size <= shape.max &&
          (shape.pattern.empty() || pattern.matches(shape, candidate)))
        return candidate;
    }
    ADD_FAILURE() << "no example for " << shape.name << ", pattern " << shape.pattern
                  << ": add one to the candidates";
    return "";
  }
};

class PermissionCoverageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "permissions_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    auto store = inference::ModelStore::open({std::getenv("SIGHTLINE_MODELS")},
                                             {fs::path(std::getenv("SIGHTLINE_CACHE")) / "models"});
    ASSERT_TRUE(store) << store.error().message;
    inference::RuntimeOptions runtime;
    runtime.threads = 1;
    runtime.cache_folder = fs::path(std::getenv("SIGHTLINE_CACHE")) / "compiled";
    models_.emplace(*store, runtime);
    environment_.emplace(
        Settings{}, jobs::WorkerProgram{}, clock_, random_, pools_, *models_,
        [](std::string_view, std::string_view what) { ADD_FAILURE() << what; }, aws::dispatch::OnInnerCall{});
    auto opened = Services::open(folder_, options_, *environment_);
    ASSERT_TRUE(opened) << opened.error().message;
    services_ = std::move(*opened);
  }

  void TearDown() override {
    services_.reset();
    fs::remove_all(folder_);
  }

  std::string call(const identity::Principal& who, std::string_view service, std::string_view operation,
                   std::string_view document) {
    const aws::dispatch::InnerCaller caller{who, "us-east-1", "http://127.0.0.1:4566"};
    std::promise<std::string> promise;
    services_->invoker().call_json(
        caller, service, operation, document, [&](wire::Answer<std::string> answer) {
          promise.set_value(answer ? *answer : answer.error().code + ": " + answer.error().message);
        });
    auto answer = promise.get_future();
    if (answer.wait_for(std::chrono::seconds(10)) != std::future_status::ready) return "no answer";
    return answer.get();
  }

  /// What stands in all files of the data folder.
  std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
      if (!entry.is_regular_file() || entry.path().extension() == ".db-shm") continue;
      std::ostringstream text;
      text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      all[entry.path().lexically_relative(folder_)] = std::move(text).str();
    }
    return all;
  }

  fs::path folder_;
  ServeOptions options_;
  SetClock clock_;
  SystemRandom random_;
  std::optional<Models> models_;
  Pools pools_{1};
  std::optional<Environment> environment_;
  std::unique_ptr<Services> services_;
};

TEST_F(PermissionCoverageTest, WhoeverMayNothingIsRefusedByEveryOperationAndChangesNothing) {
  // What is asked of a bucket comes after whether there is one.
  ASSERT_EQ(call(identity::root_of(kAccount), "s3", "CreateBucket", R"({"Bucket": "inside"})"),
            R"({"Location":"/inside"})");
  identity::Principal nobody;
  nobody.account = kAccount;
  const auto before = files();
  int asked = 0;
  for (const wire::Service* service : services_->invoker().services()) {
    for (const wire::Route& route : service->routes) {
      if (route.operation == nullptr) continue;
      const wire::Operation& operation = *route.operation;
      if (operation.permissions.empty() && operation.permitted_by == wire::PermittedBy::table) continue;
      const std::string document = operation.input != nullptr ? LeastDocument().of(*operation.input) : "{}";
      const std::string answer = call(nobody, service->name, operation.name, document);
      ++asked;
      EXPECT_NE(answer.find("AccessDenied"), std::string::npos)
          << service->name << " " << operation.name << " " << document << " was answered: " << answer;
    }
  }
  EXPECT_GT(asked, 50);
  for (const auto& [name, content] : files()) {
    const auto then = before.find(name);
    EXPECT_TRUE(then != before.end() && then->second == content) << name << " was written to";
  }
}

}  // namespace
}  // namespace sightline::server
