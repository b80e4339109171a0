function md = load_issm(md, folder, melt, member)
%LOAD_ISSM fill an ISSM model with the fronts and forcings of a termini export
%
%   md = load_issm(model());                      % files beside this one
%   md = load_issm(md, '/where/it/is');           % a model with the mesh of the export
%   md = load_issm(md, folder, 'rignot');         % Rignot's formula in ISSM (rignot.nc)
%   md = load_issm(md, folder, 'rate', 3);        % third member of the ensemble
%
%   melt is 'rate' (m/a as exported), 'rignot' or 'none'. It says aloud what each line
%   sets. Ice geometry, friction, rheology and stress-balance boundary conditions remain
%   yours. MATLAB reads NetCDF with the dimensions reversed, hence the transposes.

if nargin < 2 || isempty(folder), folder = fileparts(mfilename('fullpath')); end
if nargin < 3 || isempty(melt), melt = 'rate'; end
if nargin < 4 || isempty(member), member = 0; end
path = fullfile(folder, 'model_input.nc');
rignot = fullfile(folder, 'rignot.nc');
front = path;
if member > 0
	front = fullfile(folder, 'members', sprintf('member_%03d.nc', member));
	if ~exist(front, 'file') && ~strcmp(melt, 'rignot')
		error('%s: missing; export with --members %d or more', front, member);
	end
	say('member %d of the ensemble instead of the best estimate', member);
end

% mesh
x = ncread(path, '/mesh/x'); y = ncread(path, '/mesh/y');
nv = numel(x);
if md.mesh.numberofvertices > 0
	if md.mesh.numberofvertices ~= nv || max(abs(md.mesh.x(:) - x)) > 1 || max(abs(md.mesh.y(:) - y)) > 1
		error(['your model has a mesh of %d vertices, the export has another of %d: ' ...
			'export again with --mesh and the file of your mesh'], md.mesh.numberofvertices, nv);
	end
	say('md.mesh is yours and is that of the export: %d vertices, left as it is', nv);
else
	md.mesh.x = x;
	md.mesh.y = y;
	md.mesh.elements = double(ncread(path, '/mesh/elements')');
	md.mesh.segments = double(ncread(path, '/mesh/segments')');
	if has(path, 'mesh', 'segmentmarkers')
		md.mesh.segmentmarkers = double(ncread(path, '/mesh/segmentmarkers'));
	end
	md.mesh.numberofvertices = nv;
	md.mesh.numberofelements = size(md.mesh.elements, 1);
	md.mesh.vertexonboundary = double(ncread(path, '/mesh/vertexonboundary'));
	md.mesh.epsg = double(ncread(path, '/mesh/epsg'));
	say('md.mesh: %d vertices, %d elements counted from 1, EPSG %d', nv, ...
		md.mesh.numberofelements, md.mesh.epsg);
end

% masks, the level-set series and the switches that make ISSM follow it
md.mask.ice_levelset = ncread(pick(front, path, 'mask', 'ice_levelset'), '/mask/ice_levelset');
say('md.mask.ice_levelset: metres from the first front, negative in ice');
md.mask.ocean_levelset = ncread(pick(front, path, 'mask', 'ocean_levelset'), '/mask/ocean_levelset');
say('md.mask.ocean_levelset: negative in open water; all ice is taken as grounded');
md.levelset.spclevelset = ncread(pick(front, path, 'levelset', 'spclevelset'), '/levelset/spclevelset')';
free = any(isnan(md.levelset.spclevelset(1:end-1, :)), 2);
say(['md.levelset.spclevelset: %d fronts from %.3f to %.3f, linear in between, held before and after; ' ...
	'free (NaN) at %d vertices'], size(md.levelset.spclevelset, 2), ...
	md.levelset.spclevelset(end, 1), md.levelset.spclevelset(end, end), sum(free));
if all(free)
	say('md.levelset.reinit_frequency is left at %d: the front is free', md.levelset.reinit_frequency);
else
	md.levelset.reinit_frequency = 0;
	say('md.levelset.reinit_frequency = 0: the field is a distance already, nothing is re-distanced (default 10)');
end
md.levelset.kill_icebergs = 0;
say('md.levelset.kill_icebergs = 0: no ice is removed (default 1)');
md.transient.ismovingfront = 1;
say('md.transient.ismovingfront = 1: without it ISSM ignores all of the above');

% bed, where the model has none of its own
if isempty(md.geometry.bed) || all(isnan(md.geometry.bed(:)))
	md.geometry.bed = ncread(path, '/geometry/bed');
	say('md.geometry.bed: metres, negative below sea level; your own bed is better');
else
	say('md.geometry.bed is yours, left as it is');
end

% melt of the front
switch melt
case 'rignot'
	if ~exist(rignot, 'file')
		error('%s: missing; use ''rate'', or export with runoff and ocean', rignot);
	end
	own = rignot;
	if member > 0, own = fullfile(folder, 'members', sprintf('rignot_%03d.nc', member)); end
	md.frontalforcings = frontalforcingsrignot();
	say('md.frontalforcings is of the class frontalforcingsrignot now');
	md.frontalforcings.num_basins = double(ncread(rignot, '/frontalforcings/num_basins'));
	md.frontalforcings.basin_id = double(ncread(rignot, '/frontalforcings/basin_id'));
	say('md.frontalforcings.num_basins, basin_id: %d basin(s), counted from 1', md.frontalforcings.num_basins);
	from = pick(own, rignot, 'frontalforcings', 'subglacial_discharge');
	md.frontalforcings.subglacial_discharge = ncread(from, '/frontalforcings/subglacial_discharge')';
	say('md.frontalforcings.subglacial_discharge: m3/d of the whole basin at each of its vertices');
	from = pick(own, rignot, 'frontalforcings', 'thermalforcing');
	md.frontalforcings.thermalforcing = ncread(from, '/frontalforcings/thermalforcing')';
	say('md.frontalforcings.thermalforcing: degrees above freezing');
	if strcmp(md.groundingline.migration, 'None')
		md.transient.isgroundingline = 1;
		md.groundingline.migration = 'SubelementMigration';
		say(['md.transient.isgroundingline = 1, md.groundingline.migration = ''SubelementMigration'': ' ...
			'without it the formula finds no bed and ISSM stops']);
	end
case 'rate'
	from = pick(front, path, 'frontalforcings', 'meltingrate');
	if ~isprop(md.frontalforcings, 'meltingrate')
		md.frontalforcings = frontalforcings();
		say('md.frontalforcings is of the default class now');
	end
	if has(from, 'frontalforcings', 'meltingrate')
		md.frontalforcings.meltingrate = ncread(from, '/frontalforcings/meltingrate')';
		say('md.frontalforcings.meltingrate: m ice/a, 0 where ocean_levelset < 0 because ISSM ignores it there');
	else
		md.frontalforcings.meltingrate = zeros(nv, 1);
		say('md.frontalforcings.meltingrate = 0: the export holds no melt, and ISSM takes no NaN');
	end
case 'none'
	say('md.frontalforcings is left alone');
otherwise
	error('melt is ''%s''; give ''rate'', ''rignot'' or ''none''', melt);
end

% calving, surface mass balance and the span of the run
if isprop(md.calving, 'calvingrate')
	from = pick(front, path, 'calving', 'calvingrate');
	if has(from, 'calving', 'calvingrate')
		md.calving.calvingrate = ncread(from, '/calving/calvingrate')';
		say('md.calving.calvingrate: m ice/a; without effect where the front is prescribed');
	elseif isempty(md.calving.calvingrate) || all(isnan(md.calving.calvingrate(:)))
		md.calving.calvingrate = zeros(nv, 1);
		if any(free)
			say('md.calving.calvingrate = 0: the front is free, give it a rate or a calving law of your own');
		else
			say('md.calving.calvingrate = 0: the prescribed front needs none, and ISSM takes no NaN');
		end
	end
end
from = pick(front, path, 'smb', 'mass_balance');
if has(from, 'smb', 'mass_balance') && ~isprop(md.smb, 'mass_balance')
	say('md.smb is of the class %s, which takes no mass_balance: left as it is', class(md.smb));
elseif has(from, 'smb', 'mass_balance')
	md.smb.mass_balance = ncread(from, '/smb/mass_balance')';
	say('md.smb.mass_balance: m ice/a');
end
md.timestepping.start_time = ncread(path, '/timestepping/start_time');
md.timestepping.final_time = ncread(path, '/timestepping/final_time');
say('md.timestepping: %.4f to %.4f; time_step is yours: a few days for a moving front', ...
	md.timestepping.start_time, md.timestepping.final_time);
end

function say(varargin)
	fprintf(['load_issm: ' varargin{1} '\n'], varargin{2:end});
end

function there = has(path, group, name)
	there = exist(path, 'file') == 2;
	if ~there, return; end
	file = netcdf.open(path, 'NC_NOWRITE');
	try
		netcdf.inqVarID(netcdf.inqNcid(file, group), name);
	catch
		there = false;
	end
	netcdf.close(file);
end

function path = pick(own, shared, group, name)
	% the member's file where it holds the field, else the best estimate's
	if has(own, group, name), path = own; else, path = shared; end
end
