using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Architecture;

/// <summary>What docs/rfc-compliance.md claims can be found: the types that do it and the tests that show it.</summary>
public sealed class ComplianceTests
{
    private static readonly string[] Statuses = ["yes", "setting", "partly", "no", "later"];

    private static readonly (string Requirement, string Status, string[] Types, string[] Tests)[] Rows = Read();

    [Fact]
    public void The_page_has_rows() => Assert.True(Rows.Length > 50);

    [Fact]
    public void Every_status_is_one_that_the_page_explains() =>
        Assert.DoesNotContain(Rows, r => !Statuses.Contains(r.Status.Split(':')[0]));

    [Fact]
    public void Whatever_is_not_plainly_done_says_why_or_how()
    {
        Assert.DoesNotContain(Rows, r => r.Status is "setting" or "partly" or "no");
    }

    [Fact]
    public void Every_type_that_is_named_exists()
    {
        HashSet<string> known = [.. typeof(SequenceNumber).Assembly.GetTypes().Select(t => t.Name)];
        Assert.Empty(Rows.SelectMany(r => r.Types).Except(known));
    }

    [Fact]
    public void Every_test_that_is_named_exists()
    {
        HashSet<string> known =
        [
            .. from type in typeof(ComplianceTests).Assembly.GetTypes()
               from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static)
               where method.GetCustomAttributes<FactAttribute>().Any()
               select $"{type.Name}.{method.Name}",
        ];
        Assert.Empty(Rows.SelectMany(r => r.Tests).Except(known));
    }

    [Fact]
    public void What_is_done_is_tested() =>
        Assert.DoesNotContain(Rows, r => r.Tests.Length == 0 && r.Status.Split(':')[0] is "yes" or "partly" or "setting");

    private static (string Requirement, string Status, string[] Types, string[] Tests)[] Read()
    {
        string? root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "TcpTools.slnx")))
        {
            root = Path.GetDirectoryName(root);
        }

        return
        [
            .. File.ReadLines(Path.Combine(root!, "docs", "rfc-compliance.md"))
                .Where(line => line.StartsWith('|'))
                .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
                .Where(cells => cells[1] != "RFC, section" && !cells[1].StartsWith('-'))
                .Select(cells => cells.Length == 7
                    ? ($"{cells[1]}: {cells[2]}", cells[3], List(cells[4]), List(cells[5]))
                    : throw new FormatException($"A row of five columns was expected: {string.Join('|', cells)}")),
        ];
    }

    private static string[] List(string cell) => cell is "-" or "" ? [] : cell.Split(", ");
}
