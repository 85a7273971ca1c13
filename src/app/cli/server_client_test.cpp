#include "app/cli/server_client.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

namespace sightline::cli {
namespace {

namespace fs = std::filesystem;

class ServerClientTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "client_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    fs::create_directory(folder_ / ".aws");
    variables_["HOME"] = folder_.string();
  }
  void TearDown() override { fs::remove_all(folder_); }

  Variable variable() {
    return [this](const char* name) -> std::optional<std::string> {
      const auto found = variables_.find(name);
      return found == variables_.end() ? std::nullopt : std::optional(found->second);
    };
  }
  std::string endpoint(const std::string& flag = "") {
    const auto address = endpoint_of({flag}, variable());
    return address ? server::to_string(*address) : address.error().message;
  }
  void write_credentials(const std::string& text) { std::ofstream(folder_ / ".aws" / "credentials") << text; }

  fs::path folder_;
  std::map<std::string, std::string> variables_;
};

TEST_F(ServerClientTest, TheFlagThenTheVariableThenTheUsualPlace) {
  EXPECT_EQ(endpoint(), kUsualEndpoint);
  variables_["AWS_ENDPOINT_URL"] = "";
  EXPECT_EQ(endpoint(), kUsualEndpoint);
  variables_["AWS_ENDPOINT_URL"] = "https://eyes.example/";
  EXPECT_EQ(endpoint(), "https://eyes.example");
  EXPECT_EQ(endpoint("http://127.0.0.1:4570"), "http://127.0.0.1:4570");
  variables_["AWS_ENDPOINT_URL"] = "eyes.example";
  EXPECT_NE(endpoint().find("AWS_ENDPOINT_URL 'eyes.example'"), std::string::npos);
}

TEST_F(ServerClientTest, KeysAreThoseOfTheVariables) {
  write_credentials("[default]\naws_access_key_id = FILE\naws_secret_access_key = secret\n");
  variables_["AWS_ACCESS_KEY_ID"] = "AKIA";
  EXPECT_EQ(keys_of(variable()).error().kind, ErrorKind::invalid_argument) << "one of two";
  variables_["AWS_SECRET_ACCESS_KEY"] = "secret";
  variables_["AWS_SESSION_TOKEN"] = "token";
  const auto keys = keys_of(variable()).value();
  EXPECT_EQ(keys->access_key_id, "AKIA");
  EXPECT_EQ(keys->secret, "secret");
  EXPECT_EQ(keys->session_token, "token");
}

TEST_F(ServerClientTest, ElseThoseOfTheProfile) {
  EXPECT_FALSE(keys_of(variable()).value());
  write_credentials(
      "# mine\n[default]\naws_access_key_id=A\n\n[ other ]\r\nAWS_Access_Key_Id = B \r\n"
      "aws_secret_access_key = b=b/\naws_session_token = t\n[default]\naws_secret_access_key = a\n");
  auto keys = keys_of(variable()).value();
  EXPECT_EQ(keys->access_key_id, "A");
  EXPECT_EQ(keys->secret, "a");
  EXPECT_EQ(keys->session_token, "");
  variables_["AWS_PROFILE"] = "other";
  keys = keys_of(variable()).value();
  EXPECT_EQ(keys->access_key_id, "B");
  EXPECT_EQ(keys->secret, "b=b/");
  EXPECT_EQ(keys->session_token, "t");
  variables_["AWS_PROFILE"] = "none";
  EXPECT_EQ(keys_of(variable()).error().kind, ErrorKind::not_found);
  variables_["AWS_SHARED_CREDENTIALS_FILE"] = folder_ / "elsewhere";
  EXPECT_EQ(keys_of(variable()).error().kind, ErrorKind::not_found);
}

TEST_F(ServerClientTest, WhereNobodyIsThatIsSaid) {
  const auto client = ServerClient::open({"http://127.0.0.1:1"}, variable());
  ASSERT_TRUE(client) << client.error().message;
  const auto answer = client->call("ListJobs");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
  EXPECT_NE(answer.error().message.find("no server answers at http://127.0.0.1:1"), std::string::npos)
      << answer.error().message;
}

}  // namespace
}  // namespace sightline::cli
