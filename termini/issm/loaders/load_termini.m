function md = load_termini(md, path, parameterised)
%LOAD_TERMINI fill an ISSM model with the fronts and forcings of a termini export
%
%   md = load_termini(model(), 'model_input.nc');
%   md = load_termini(model(), 'model_input.nc', true);   % Rignot's formula in ISSM
%
%   It sets the mesh, the mask, the level-set series, frontal melt, surface mass
%   balance and the transient switches, and touches nothing else: ice geometry,
%   friction, rheology and stress-balance boundary conditions remain yours.
%   MATLAB reads NetCDF with the dimensions reversed, hence the transposes.

if nargin < 2, path = 'model_input.nc'; end
if nargin < 3, parameterised = false; end
groups = {ncinfo(path).Groups.Name};

md.mesh.x = ncread(path, '/mesh/x');
md.mesh.y = ncread(path, '/mesh/y');
md.mesh.elements = double(ncread(path, '/mesh/elements')');
md.mesh.segments = double(ncread(path, '/mesh/segments')');
md.mesh.numberofvertices = numel(md.mesh.x);
md.mesh.numberofelements = size(md.mesh.elements, 1);
md.mesh.vertexonboundary = double(ncread(path, '/mesh/vertexonboundary'));
md.mesh.epsg = double(ncread(path, '/mesh/epsg'));

md.mask.ice_levelset = ncread(path, '/mask/ice_levelset');
md.mask.ocean_levelset = ncread(path, '/mask/ocean_levelset');
md.geometry.bed = ncread(path, '/geometry/bed');

md.levelset.spclevelset = ncread(path, '/levelset/spclevelset')';
md.levelset.reinit_frequency = 0;   % the field given is a distance already
md.levelset.kill_icebergs = 0;
md.transient.ismovingfront = 1;

if parameterised && any(strcmp(groups, 'frontalforcingsrignot'))
    md.frontalforcings = frontalforcingsrignot();
    md.frontalforcings.num_basins = double(ncread(path, '/frontalforcingsrignot/num_basins'));
    md.frontalforcings.basin_id = double(ncread(path, '/frontalforcingsrignot/basin_id'));
    md.frontalforcings.subglacial_discharge = ncread(path, '/frontalforcingsrignot/subglacial_discharge')';
    md.frontalforcings.thermalforcing = ncread(path, '/frontalforcingsrignot/thermalforcing')';
elseif any(strcmp(groups, 'frontalforcings'))
    md.frontalforcings.meltingrate = ncread(path, '/frontalforcings/meltingrate')';
end
if any(strcmp(groups, 'smb'))
    md.smb.mass_balance = ncread(path, '/smb/mass_balance')';
end
md.timestepping.start_time = ncread(path, '/timestepping/start_time');
md.timestepping.final_time = ncread(path, '/timestepping/final_time');
end
