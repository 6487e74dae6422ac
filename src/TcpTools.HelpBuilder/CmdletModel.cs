using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace TcpTools.HelpBuilder;

/// <summary>How a parameter takes part in one parameter set.</summary>
internal sealed record ParameterUse(string Set, bool IsMandatory, int? Position, bool FromPipeline, bool FromPropertyName)
{
    /// <summary>The words that Get-Help shows for the way a value can be piped in.</summary>
    public string PipelineInput => (FromPipeline, FromPropertyName) switch
    {
        (true, true) => "True (ByValue, ByPropertyName)",
        (true, false) => "True (ByValue)",
        (false, true) => "True (ByPropertyName)",
        _ => "False",
    };
}

/// <summary>A cmdlet's parameter as its metadata describe it.</summary>
internal sealed class ParameterModel(PropertyInfo property)
{
    /// <summary>The name.</summary>
    public string Name => property.Name;

    /// <summary>The type that a user gives a value of.</summary>
    public Type Type => Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;

    /// <summary>Whether it is a switch.</summary>
    public bool IsSwitch => Type.Name == "SwitchParameter";

    /// <summary>Other names.</summary>
    public IReadOnlyList<string> Aliases { get; } = AttributeValues(property, "AliasAttribute");

    /// <summary>The values that it takes, where they are few.</summary>
    public IReadOnlyList<string> AcceptedValues
    {
        get
        {
            Type element = Type.IsArray ? Type.GetElementType()! : Type;
            return element.IsEnum ? Enum.GetNames(element) : AttributeValues(property, "ValidateSetAttribute");
        }
    }

    /// <summary>Whether wildcards are understood.</summary>
    public bool AcceptsWildcards => property.CustomAttributes.Any(a => a.AttributeType.Name == "SupportsWildcardsAttribute");

    /// <summary>Its part in each parameter set that it belongs to.</summary>
    public IReadOnlyList<ParameterUse> Uses { get; } =
        [.. property.CustomAttributes.Where(a => a.AttributeType.Name == "ParameterAttribute").Select(ReadUse)];

    /// <summary>The type's name as PowerShell writes it.</summary>
    public string TypeName => NameOf(Type);

    /// <summary>A type's name as PowerShell writes it: short where there is a short name.</summary>
    public static string NameOf(Type type) => type switch
    {
        { IsArray: true } => NameOf(type.GetElementType()!) + "[]",
        _ when Nullable.GetUnderlyingType(type) is { } inner => NameOf(inner),
        _ => type.FullName switch
        {
            "System.String" => "String",
            "System.Int32" => "Int32",
            "System.Object" => "Object",
            "System.Management.Automation.SwitchParameter" => "SwitchParameter",
            _ => type.Name,
        },
    };

    private static ParameterUse ReadUse(CustomAttributeData attribute)
    {
        T Named<T>(string name, T otherwise) =>
            attribute.NamedArguments.FirstOrDefault(a => a.MemberName == name).TypedValue.Value is T value ? value : otherwise;
        int position = Named("Position", int.MinValue);
        return new ParameterUse(
            Named("ParameterSetName", "__AllParameterSets"),
            Named("Mandatory", false),
            position == int.MinValue ? null : position,
            Named("ValueFromPipeline", false),
            Named("ValueFromPipelineByPropertyName", false));
    }

    private static List<string> AttributeValues(PropertyInfo property, string attributeName) =>
        [.. property.CustomAttributes
            .Where(a => a.AttributeType.Name == attributeName)
            .SelectMany(a => a.ConstructorArguments)
            .SelectMany(a => a.Value is IEnumerable<CustomAttributeTypedArgument> many ? many : [a])
            .Select(a => a.Value?.ToString() ?? "")];
}

/// <summary>A cmdlet as its metadata describe it. Nothing of the cmdlet is run.</summary>
internal sealed class CmdletModel
{
    private const string AllSets = "__AllParameterSets";

    private CmdletModel(Type type, CustomAttributeData attribute)
    {
        Verb = (string)attribute.ConstructorArguments[0].Value!;
        Noun = (string)attribute.ConstructorArguments[1].Value!;
        DefaultSet = Named(attribute, "DefaultParameterSetName") as string;
        SupportsShouldProcess = Named(attribute, "SupportsShouldProcess") is true;
        Parameters = [.. type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(p => p.CustomAttributes.Any(a => a.AttributeType.Name == "ParameterAttribute"))
            .Select(p => new ParameterModel(p)).OrderBy(p => p.Name, StringComparer.Ordinal)];
        OutputTypes = [.. type.CustomAttributes.Where(a => a.AttributeType.Name == "OutputTypeAttribute")
            .SelectMany(a => a.ConstructorArguments)
            .SelectMany(a => a.Value is IEnumerable<CustomAttributeTypedArgument> many ? many.Select(m => m.Value) : [a.Value])
            .Select(v => v is Type t ? t.FullName! : v?.ToString() ?? "").Distinct()];
    }

    /// <summary>The verb.</summary>
    public string Verb { get; }

    /// <summary>The noun.</summary>
    public string Noun { get; }

    /// <summary>Verb and noun.</summary>
    public string Name => $"{Verb}-{Noun}";

    /// <summary>The parameter set that applies when nothing says otherwise.</summary>
    public string? DefaultSet { get; }

    /// <summary>Whether it takes -WhatIf and -Confirm.</summary>
    public bool SupportsShouldProcess { get; }

    /// <summary>Its parameters, by name.</summary>
    public IReadOnlyList<ParameterModel> Parameters { get; }

    /// <summary>What it writes.</summary>
    public IReadOnlyList<string> OutputTypes { get; }

    /// <summary>The parameter sets, the default one first.</summary>
    public IReadOnlyList<string> Sets
    {
        get
        {
            List<string> sets = [.. Parameters.SelectMany(p => p.Uses).Select(u => u.Set).Where(s => s != AllSets).Distinct()];
            return sets.Count == 0 ? [AllSets] : [.. sets.OrderBy(s => s == DefaultSet ? 0 : 1)];
        }
    }

    /// <summary>The cmdlets of an assembly, by name.</summary>
    public static IReadOnlyList<CmdletModel> In(Assembly assembly) =>
        [.. from type in assembly.GetExportedTypes()
            where !type.IsAbstract
            from attribute in type.CustomAttributes
            where attribute.AttributeType.Name == "CmdletAttribute"
            select new CmdletModel(type, attribute) into cmdlet
            orderby cmdlet.Name
            select cmdlet];

    /// <summary>The parameters of one set in the order of its syntax line: positional ones, mandatory ones, the rest.</summary>
    public IEnumerable<(ParameterModel Parameter, ParameterUse Use)> ParametersOf(string set) =>
        from parameter in Parameters
        let use = parameter.Uses.FirstOrDefault(u => u.Set == set) ?? parameter.Uses.FirstOrDefault(u => u.Set == AllSets)
        where use is not null
        orderby use.Position ?? int.MaxValue, use.IsMandatory ? 0 : 1, parameter.Name
        select (parameter, use);

    private static object? Named(CustomAttributeData attribute, string name) =>
        attribute.NamedArguments.FirstOrDefault(a => a.MemberName == name).TypedValue.Value;
}
