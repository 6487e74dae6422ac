using System;
using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using TcpTools.Capture;

namespace TcpTools.PowerShell;

/// <summary>
/// The drivers that <c>-Driver</c> names. "Kernel" is our own way and needs none; any other is an assembly
/// TcpTools.NAME.dll in a folder NAME beside this one, loaded when it is first asked for.
/// </summary>
internal static class CaptureDrivers
{
    /// <summary>Our own way to interfaces and files.</summary>
    public const string Kernel = "Kernel";

    /// <summary>The driver that brings packets of PacketDotNet's.</summary>
    public const string SharpPcap = "SharpPcap";

    private static readonly ConcurrentDictionary<string, ICaptureDriver> s_loaded = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The names of what there is in this build.</summary>
    public static IReadOnlyList<string> Names =>
        [Kernel, .. Directory.EnumerateDirectories(Home).Select(path => Path.GetFileName(path)).Where(name => File.Exists(PathOf(name))).Order(StringComparer.Ordinal)];

    private static string Home => Path.GetDirectoryName(typeof(CaptureDrivers).Assembly.Location)!;

    /// <summary>The driver of a name; null for <see cref="Kernel"/>.</summary>
    /// <exception cref="DriverMissingException">This build has none of that name.</exception>
    public static ICaptureDriver? Find(string name) =>
        name.Equals(Kernel, StringComparison.OrdinalIgnoreCase) ? null : s_loaded.GetOrAdd(name, Load);

    /// <summary>The loaded or loadable driver whose device an object is; null when it is nobody's.</summary>
    public static ICaptureDriver? OwnerOf(object device)
    {
        for (Type? type = device.GetType(); type is not null; type = type.BaseType)
        {
            if (type.Namespace is { } space && (space == SharpPcap || space.StartsWith(SharpPcap + ".", StringComparison.Ordinal)))
            {
                return Find(SharpPcap);
            }
        }

        return null;
    }

    private static string PathOf(string name) => Path.Combine(Home, name, $"TcpTools.{name}.dll");

    private static ICaptureDriver Load(string name)
    {
        string known = Names.FirstOrDefault(other => other.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new DriverMissingException(name);
        try
        {
            Assembly assembly = Assembly.LoadFrom(PathOf(known));
            Type type = assembly.GetExportedTypes().First(type => typeof(ICaptureDriver).IsAssignableFrom(type) && !type.IsAbstract);
            return (ICaptureDriver)Activator.CreateInstance(type)!;
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or TypeLoadException or InvalidOperationException)
        {
            throw new DriverMissingException(name, e);
        }
    }
}

/// <summary>A driver is asked for that this build does not have.</summary>
internal sealed class DriverMissingException(string name, Exception? cause = null) : Exception(
    cause is null ? $"This build of TcpTools has no driver '{name}'." : $"The driver '{name}' cannot be loaded: {cause.Message}", cause)
{
    /// <summary>What to do about it.</summary>
    public string Advice { get; } = name.Equals(CaptureDrivers.SharpPcap, StringComparison.OrdinalIgnoreCase)
        ? "It needs the packages SharpPcap and PacketDotNet: let TCPTOOLS_PACKAGE_SOURCE name a NuGet source that has them, then run ./build.sh."
        : $"There are: {string.Join(", ", CaptureDrivers.Names)}.";
}

/// <summary>Completes the names of the drivers that this build has.</summary>
public sealed class DriverCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
        CaptureDrivers.Names.Select(name => (name, name == CaptureDrivers.Kernel ? "our own way" : $"through the library {name}"));
}
