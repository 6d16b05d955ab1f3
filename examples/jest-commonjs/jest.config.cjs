// Run with node --experimental-vm-modules node_modules/jest/bin/jest.js: import() needs that in Jest.
module.exports = { testEnvironment: 'node', transform: {} };
