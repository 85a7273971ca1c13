# The wire of AWS services, written by tools/wire/generate.py from their models at build time into
# ${CMAKE_BINARY_DIR}/generated.
set(SIGHTLINE_GENERATED ${CMAKE_BINARY_DIR}/generated)

# sightline_wire_model(VARIABLE NAMESPACE x [SERVICE name] INCLUDE aws/x/model.h MODEL file OPERATIONS file [OVERLAY file])
# Sets VARIABLE to the generated source. Logs and metrics call the service NAME, else as its namespace.
function(sightline_wire_model VARIABLE)
  cmake_parse_arguments(ARG "" "NAMESPACE;SERVICE;INCLUDE;MODEL;OPERATIONS;OVERLAY" "" ${ARGN})
  set(header ${SIGHTLINE_GENERATED}/${ARG_INCLUDE})
  string(REGEX REPLACE "\\.h$" ".cpp" source ${header})
  set(overlay)
  if(ARG_OVERLAY)
    set(overlay --overlay ${ARG_OVERLAY})
  endif()
  set(service)
  if(ARG_SERVICE)
    set(service --service ${ARG_SERVICE})
  endif()
  add_custom_command(OUTPUT ${header} ${source}
    COMMAND python3 ${CMAKE_SOURCE_DIR}/tools/wire/generate.py --model ${ARG_MODEL} --operations ${ARG_OPERATIONS}
      ${overlay} ${service} --namespace ${ARG_NAMESPACE} --include ${ARG_INCLUDE} --out ${SIGHTLINE_GENERATED}
    COMMAND ${CMAKE_COMMAND} -E touch ${header} ${source}
    DEPENDS ${CMAKE_SOURCE_DIR}/tools/wire/generate.py ${ARG_MODEL} ${ARG_OPERATIONS} ${ARG_OVERLAY}
    COMMENT "Wire of ${ARG_NAMESPACE}" VERBATIM)
  # For clang-tidy, which reads sources without building them.
  add_custom_target(wire_${ARG_NAMESPACE} DEPENDS ${source} ${header})
  set_property(GLOBAL APPEND PROPERTY SIGHTLINE_WIRE wire_${ARG_NAMESPACE})
  set(${VARIABLE} ${source} ${header} PARENT_SCOPE)
endfunction()

# sightline_aws_service(NAME [SERVICE name] [VERSION date]): the module aws/NAME with the wire of a service in the namespace
# NAME. SERVICE is what AWS calls it where that is no name of a namespace (cognito-idp), VERSION (2015-03-31) that of its
# API where botocore has several. operations.txt in the folder says which operations, overlay.json what their model leaves
# out. The model is botocore's, or model.json in the folder.
function(sightline_aws_service NAME)
  cmake_parse_arguments(ARG "" "SERVICE;VERSION" "" ${ARGN})
  set(dir ${CMAKE_SOURCE_DIR}/src/aws/${NAME})
  set(service ${NAME})
  if(ARG_SERVICE)
    set(service ${ARG_SERVICE})
  endif()
  set(version *)
  if(ARG_VERSION)
    set(version ${ARG_VERSION})
  endif()
  file(GLOB model ${SIGHTLINE_DEPS_DIR}/botocore/botocore/data/${service}/${version}/service-2.json.gz
    ${dir}/model.json)
  list(LENGTH model found)
  if(found EQUAL 0)
    message(FATAL_ERROR "no model of ${service} ${ARG_VERSION} in ${SIGHTLINE_DEPS_DIR}/botocore: name it in "
      "packaging/contents.txt and run ./sightline setup")
  elseif(NOT found EQUAL 1)
    list(JOIN model ", " models)
    message(FATAL_ERROR "${service} has several models (${models}): say which VERSION")
  endif()
  set(overlay)
  if(EXISTS ${dir}/overlay.json)
    set(overlay OVERLAY ${dir}/overlay.json)
  endif()
  sightline_wire_model(generated NAMESPACE ${NAME} SERVICE ${service} INCLUDE aws/${NAME}/model.h MODEL ${model}
    OPERATIONS ${dir}/operations.txt ${overlay})
  sightline_module(aws/${NAME} LIBRARIES fmt::fmt GENERATED ${generated})
endfunction()
