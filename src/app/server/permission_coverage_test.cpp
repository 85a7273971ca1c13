// Every operation of every service, called by the anonymous: what its row in operations.txt demands is asked
// for before anything is read or changed.

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "app/server/services_test_fixture.h"
#include "aws/wire/pattern.h"

namespace sightline::server {
namespace {

namespace fs = std::filesystem;
namespace wire = aws::wire;

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

class PermissionCoverageTest : public ServicesTest {
 protected:
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
};

TEST_F(PermissionCoverageTest, WhoeverMayNothingIsRefusedByEveryOperationAndChangesNothing) {
  // What is asked of a bucket comes after whether there is one.
  ASSERT_EQ(call("s3", "CreateBucket", R"({"Bucket": "inside"})"), R"({"Location":"/inside"})");
  caller_.principal = {};
  caller_.principal.account = kAccount;
  const auto before = files();
  int asked = 0;
  for (const wire::Service* service : services_->invoker().services()) {
    for (const wire::Route& route : service->routes) {
      if (route.operation == nullptr) continue;
      const wire::Operation& operation = *route.operation;
      if (operation.permissions.empty() && operation.permitted_by == wire::PermittedBy::table) continue;
      const std::string document = operation.input != nullptr ? LeastDocument().of(*operation.input) : "{}";
      const std::string answer = call(service->name, operation.name, document);
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
