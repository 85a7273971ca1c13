# sightline_domains(VARIABLE FOLDER): sets VARIABLE to a source, made when cmake runs, that lists the domains of
# src/FOLDER. Each x.cpp there, tests aside, is one and defines x_domain() (app/server/assembly/domain.h).
function(sightline_domains VARIABLE FOLDER)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${FOLDER}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(SORT sources)
  set(declared)
  set(listed)
  foreach(source ${sources})
    get_filename_component(name ${source} NAME_WE)
    string(APPEND declared "const DomainKind& ${name}_domain();\n")
    string(APPEND listed "      &${name}_domain(),\n")
  endforeach()
  set(made ${CMAKE_BINARY_DIR}/generated/${FOLDER}/domains.cpp)
  file(CONFIGURE OUTPUT ${made} @ONLY CONTENT "#include \"${FOLDER}/domains.h\"

#include <vector>

namespace sightline::server {

@declared@
std::span<const DomainKind* const> domains() {
  static const std::vector<const DomainKind*> all{
@listed@  };
  return all;
}

}  // namespace sightline::server
")
  set(${VARIABLE} ${made} PARENT_SCOPE)
endfunction()
