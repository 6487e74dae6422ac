using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Xunit;

namespace TcpTools.Tests.House;

/// <summary>The sources are what docs/architecture.md says of them.</summary>
public sealed partial class HouseTests
{
    private const int LongestFile = 400;

    private static readonly string s_root = FindRoot();
    private static readonly string s_core = Path.Combine(s_root, "src", "TcpTools.Core");

    [Fact]
    public void Rooms_use_only_the_rooms_that_the_architecture_grants_them()
    {
        Dictionary<string, string[]> granted = Rooms();
        List<string> breaches = [];
        foreach (string file in Sources(s_core))
        {
            string room = Path.GetRelativePath(s_core, file).Split('/')[0];
            if (granted.TryGetValue(room, out string[]? allowed))
            {
                breaches.AddRange(Used(file)
                    .Where(used => used != room && !allowed.Contains(used))
                    .Select(used => $"{Path.GetFileName(file)} ({room}) uses {used}"));
            }
        }

        Assert.Empty(breaches);
    }

    [Fact]
    public void Every_room_stands_in_the_architecture()
    {
        IEnumerable<string> folders = Directory.GetDirectories(s_core)
            .Select(path => Path.GetFileName(path)!)
            .Where(name => name is not ("bin" or "obj") && Sources(Path.Combine(s_core, name)).Any());
        Assert.Empty(folders.Except(Rooms().Keys));
    }

    [Fact]
    public void No_source_file_is_longer_than_a_reader_can_hold() => Assert.Empty(
        Sources(Path.Combine(s_root, "src")).Where(file => File.ReadLines(file).Count() > LongestFile).Select(Path.GetFileName));

    [Fact]
    public void The_engine_has_no_clock_console_or_unfinished_business_of_its_own()
    {
        string[] found =
        [
            .. Sources(s_core).SelectMany(file => File.ReadLines(file)
                .Where(line => Forbidden().IsMatch(line))
                .Select(line => $"{Path.GetFileName(file)}: {line.Trim()}")),
        ];
        Assert.Empty(found);
    }

    [Fact]
    public void Protocols_start_no_thread_and_read_no_clock()
    {
        string[] found =
        [
            .. new[] { "Wire", "IP", "Tcp", "Udp", "Streams" }
                .SelectMany(room => Sources(Path.Combine(s_core, room)))
                .Where(file => Active().IsMatch(File.ReadAllText(file)))
                .Select(file => Path.GetFileName(file)),
        ];
        Assert.Empty(found);
    }

    [Fact]
    public void Readme_has_a_line_for_each_cmdlet_and_no_other()
    {
        string manifest = File.ReadAllText(Path.Combine(s_root, "TcpTools.psd1"));
        string exported = manifest[manifest.IndexOf("CmdletsToExport", StringComparison.Ordinal)..];
        exported = exported[..exported.IndexOf(')', StringComparison.Ordinal)];
        string page = File.ReadAllText(Path.Combine(s_root, "README.md"));
        Assert.Equal(
            CmdletName().Matches(exported).Select(match => match.Groups["name"].Value).Order(),
            CmdletRow().Matches(page).Select(match => match.Groups["name"].Value).Order());
    }

    [GeneratedRegex(@"'(?<name>\w+-\w+)'")]
    private static partial Regex CmdletName();

    [GeneratedRegex(@"^\| `(?<name>\w+-\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex CmdletRow();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|NotImplementedException|Thread\.Sleep|Console\.Write|DateTime\.(Utc)?Now)\b")]
    private static partial Regex Forbidden();

    [GeneratedRegex(@"\b(new Thread|Task\.Run|Stopwatch|TimeProvider|new Random|RandomNumberGenerator|System\.Net\.Sockets\.Socket)\b")]
    private static partial Regex Active();

    [GeneratedRegex(@"^\| (?<room>\w+) \| (?<allowed>[\w, -]+) \|", RegexOptions.Multiline)]
    private static partial Regex RoomRow();

    [GeneratedRegex(@"^using (static )?TcpTools\.(?<room>\w+)", RegexOptions.Multiline)]
    private static partial Regex Using();

    private static Dictionary<string, string[]> Rooms()
    {
        string page = File.ReadAllText(Path.Combine(s_root, "docs", "architecture.md"));
        string table = page[page.IndexOf("## Rooms", StringComparison.Ordinal)..];
        table = table[..table.IndexOf("\n## ", 1, StringComparison.Ordinal)];
        return RoomRow().Matches(table)
            .Where(row => row.Groups["room"].Value != "room")
            .ToDictionary(row => row.Groups["room"].Value, row => row.Groups["allowed"].Value.Split(", "));
    }

    private static IEnumerable<string> Used(string file) =>
        Using().Matches(File.ReadAllText(file)).Select(match => match.Groups["room"].Value);

    private static IEnumerable<string> Sources(string folder) => Directory
        .EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    private static string FindRoot([CallerFilePath] string path = "")
    {
        string? folder = Path.GetDirectoryName(path);
        while (folder is not null && !File.Exists(Path.Combine(folder, "TcpTools.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("The sources are not where they were built.");
    }
}
