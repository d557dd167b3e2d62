// Vega from its parts. Debian's libjs-vega has no bundle, only parts that each look for the others by `require`; they
// are put in the place marked below, in an order in which each finds what it requires already there.
var vega = (function () {
  var parts = {};
  function require(name) {
    if (!parts[name]) throw new Error("this page's Vega was built without " + name);
    return parts[name];
  }
  function part(name, define) {
    var module = {exports: {}};
    define(module.exports, module);
    parts[name] = module.exports;
  }
  // [PARTS]
  var transforms = require("vega-dataflow").transforms;
  ["vega-transforms", "vega-view-transforms", "vega-encode", "vega-hierarchy"].forEach(function (name) {
    Object.assign(transforms, require(name));
  });
  return {
    parse: require("vega-parser").parse,
    View: require("vega-view").View,
    expressionInterpreter: require("vega-interpreter").expressionInterpreter
  };
})();
