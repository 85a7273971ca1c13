#include "app/cli/locations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace sightline::app {
namespace {

using testing::ElementsAre;
using Variables = std::map<std::string, std::string>;

Locations locate(const Variables& variables, const std::string& executable = "/opt/s/bin/sightline") {
  return find_locations({executable, [&](const char* name) -> std::optional<std::string> {
                           const auto found = variables.find(name);
                           if (found == variables.end()) return std::nullopt;
                           return found->second;
                         }});
}

TEST(Locations, LieBesideTheProgramAndInTheUsersFolders) {
  const auto found = locate({{"HOME", "/home/ann"}});
  EXPECT_THAT(found.manifests,
              ElementsAre("/home/ann/.local/share/sightline/models", "/opt/s/share/sightline/models"));
  EXPECT_THAT(found.weights,
              ElementsAre("/home/ann/.local/share/sightline/models", "/opt/s/share/sightline/weights"));
  EXPECT_EQ(found.user_models, "/home/ann/.local/share/sightline/models");
  EXPECT_EQ(found.compiled_models, "/home/ann/.cache/sightline/compiled");
  EXPECT_EQ(found.demo_pictures, "/opt/s/share/sightline/demo");
}

TEST(Locations, FollowTheXdgFoldersUnlessRelative) {
  const auto absolute = locate({{"HOME", "/home/ann"}, {"XDG_DATA_HOME", "/d"}, {"XDG_CACHE_HOME", "/c"}});
  EXPECT_EQ(absolute.user_models, "/d/sightline/models");
  EXPECT_EQ(absolute.compiled_models, "/c/sightline/compiled");
  const auto relative = locate({{"HOME", "/home/ann"}, {"XDG_CACHE_HOME", "c"}});
  EXPECT_EQ(relative.compiled_models, "/home/ann/.cache/sightline/compiled");
}

TEST(Locations, SightlineModelsReplacesTheManifestFolders) {
  const auto found = locate({{"HOME", "/home/ann"}, {"SIGHTLINE_MODELS", "/a::/b"}});
  EXPECT_THAT(found.manifests, ElementsAre("/a", "/b"));
  EXPECT_THAT(found.weights, ElementsAre("/a", "/b", "/opt/s/share/sightline/weights"));
}

TEST(Locations, SightlineCacheHoldsDownloadedAndCompiledModels) {
  const auto found = locate({{"HOME", "/home/ann"}, {"SIGHTLINE_CACHE", "/big"}});
  EXPECT_EQ(found.compiled_models, "/big/compiled");
  EXPECT_THAT(found.weights, ElementsAre("/home/ann/.local/share/sightline/models", "/big/models",
                                         "/opt/s/share/sightline/weights"));
}

TEST(Locations, LargeTemporaryFilesGoWhereTheUserSays) {
  EXPECT_EQ(locate({}).temporary, "/var/tmp");
  EXPECT_EQ(locate({{"TMPDIR", ""}}).temporary, "/var/tmp");
  EXPECT_EQ(locate({{"TMPDIR", "/big"}}).temporary, "/big");
}

TEST(Locations, WithoutAHomeNothingIsCached) {
  const auto found = locate({});
  EXPECT_TRUE(found.compiled_models.empty());
  EXPECT_TRUE(found.user_models.empty());
  EXPECT_THAT(found.manifests, ElementsAre("/opt/s/share/sightline/models"));
}

}  // namespace
}  // namespace sightline::app
