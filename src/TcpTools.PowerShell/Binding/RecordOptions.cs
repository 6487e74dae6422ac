using System;
using System.Collections;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using TcpTools.Links;
using TcpTools.Tcp;

namespace TcpTools.PowerShell;

/// <summary>Variants of immutable records from hashtables, such as <c>@{ SynRetries = 2; DelayedAck = $false }</c>.</summary>
internal static class RecordOptions
{
    /// <summary>The record with the named properties replaced.</summary>
    /// <exception cref="StackException">A name is not one of the record's, or a value does not fit.</exception>
    public static T Apply<T>(T record, IDictionary? options)
        where T : class
    {
        if (options is null || options.Count == 0)
        {
            return record;
        }

        T copy = (T)typeof(T).GetMethod("<Clone>$")!.Invoke(record, null)!;
        foreach (DictionaryEntry entry in options)
        {
            string name = entry.Key.ToString() ?? "";
            if (copy is TcpSettings settings && PartOptions.TryApply(settings, name, entry.Value, out TcpSettings? changed))
            {
                copy = (T)(object)changed;
                continue;
            }

            PropertyInfo property = Find(typeof(T), name) ?? throw new StackException(
                StackError.InvalidArgument,
                $"There is no option '{name}'.",
                $"The options are: {string.Join(", ", Names(typeof(T)))}.");
            property.SetValue(copy, Convert(property, entry.Value));
        }

        return copy;
    }

    /// <summary>The names that <see cref="Apply"/> takes.</summary>
    public static string[] Names(Type type) =>
        [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.CanWrite && !typeof(Delegate).IsAssignableFrom(p.PropertyType))
            .Select(p => p.Name).Order(StringComparer.Ordinal)];

    private static PropertyInfo? Find(Type type, string name)
    {
        PropertyInfo? property = type.GetProperty(
            name, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase);
        return property is { CanWrite: true } ? property : null;
    }

    private static object? Convert(PropertyInfo property, object? value)
    {
        const double Millisecond = 1e-3;
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (value is null)
        {
            return property.PropertyType.IsValueType && type == property.PropertyType
                ? throw Unfit(property, value)
                : null;
        }

        if (type == typeof(TimeSpan))
        {
            return Duration.TryParse(value, Millisecond, out TimeSpan duration) ? duration : throw Unfit(property, value);
        }

        try
        {
            return LanguagePrimitives.ConvertTo(value, type, System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (PSInvalidCastException)
        {
            throw Unfit(property, value);
        }
    }

    private static StackException Unfit(PropertyInfo property, object? value) => new(
        StackError.InvalidArgument,
        $"'{value}' does not fit the option {property.Name}, which is a {property.PropertyType.Name}.");
}

/// <summary>Lets <c>-Impairment</c> take a hashtable, such as <c>@{ Loss = 0.02; Delay = '20ms' }</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ImpairmentTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        try
        {
            Impairment impairment = value switch
            {
                Impairment already => already,
                IDictionary options => RecordOptions.Apply(Impairment.None, options),
                _ => throw new ArgumentTransformationMetadataException(
                    $"'{inputData}' is not an impairment: write a hashtable such as @{{ Loss = 0.02; Delay = '20ms' }}."),
            };
            impairment.Validate();
            return impairment;
        }
        catch (StackException e)
        {
            throw new ArgumentTransformationMetadataException($"{e.Message} {e.Advice}", e);
        }
    }
}
