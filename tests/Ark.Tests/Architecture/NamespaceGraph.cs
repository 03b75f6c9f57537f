using System.Reflection;
using System.Reflection.Emit;
using System.Text.RegularExpressions;

namespace Ark.Tests.Architecture;

/// <summary>Which of this repository's namespaces uses which, with an example of each use.</summary>
/// <param name="uses">From, to and an example.</param>
internal sealed partial class NamespaceGraph(IEnumerable<(string From, string To, string Example)> uses)
{
    private const BindingFlags All =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value);

    private readonly ILookup<string, (string To, string Example)> _uses = uses
        .Where(use => use.From != use.To)
        .DistinctBy(use => (use.From, use.To))
        .ToLookup(use => use.From, use => (use.To, use.Example));

    /// <summary>What the types of assemblies use in their signatures and bodies, and what their files say with <c>using</c>.</summary>
    public static NamespaceGraph Of(params string[] assemblies) => new(
        assemblies.SelectMany(assembly => Assembly.Load(assembly).GetTypes())
            .SelectMany(type => TypesUsedBy(type).Select(used => (type.Namespace ?? "", used.Namespace ?? "", $"{type.Name} uses {used.Name}")))
            .Where(use => IsOurs(use.Item1) && IsOurs(use.Item2))
            .Concat(assemblies.SelectMany(UsingsOf)));

    public IEnumerable<string> UsedBy(string name) => _uses[name].Select(use => use.To);

    /// <summary>The uses that lead from a namespace back to it, one a line; empty where there is no such way.</summary>
    public IReadOnlyList<string> Cycle()
    {
        var done = new HashSet<string>();
        return _uses.Select(from => from.Key).Select(start => CycleFrom(start, [], done)).FirstOrDefault(found => found.Count > 0) ?? [];
    }

    private List<string> CycleFrom(string name, List<(string From, string Line)> way, HashSet<string> done)
    {
        int start = way.FindIndex(step => step.From == name);
        if (start >= 0)
        {
            return [.. way.Skip(start).Select(step => step.Line)];
        }

        if (done.Contains(name))
        {
            return [];
        }

        foreach ((string to, string example) in _uses[name])
        {
            if (CycleFrom(to, [.. way, (name, $"{name} → {to}: {example}")], done) is { Count: > 0 } cycle)
            {
                return cycle;
            }
        }

        _ = done.Add(name);
        return [];
    }

    private static bool IsOurs(string name) => name == "Ark" || name.StartsWith("Ark.", StringComparison.Ordinal);

    /// <summary>Constants leave no trace in what is compiled, but need their <c>using</c>; one that is not needed breaks the build.</summary>
    private static IEnumerable<(string From, string To, string Example)> UsingsOf(string assembly) =>
        from file in Directory.EnumerateFiles(Repository.PathOf(Path.Combine("src", assembly)), "*.cs", SearchOption.AllDirectories)
        let text = File.ReadAllText(file)
        let user = Namespace().Match(text).Groups[1].Value
        where user.Length > 0
        from Match used in Using().Matches(text)
        select (user, used.Groups[1].Value, $"{Path.GetFileName(file)} says {used.Value}");

    private static IEnumerable<Type> TypesUsedBy(Type type)
    {
        IEnumerable<Type?> inSignatures =
        [
            type.BaseType,
            .. type.GetInterfaces(),
            .. type.GetFields(All).Select(field => field.FieldType),
            .. type.GetCustomAttributesData().Select(attribute => attribute.AttributeType),
        ];
        IEnumerable<MethodBase> methods = [.. type.GetMethods(All), .. type.GetConstructors(All)];
        return inSignatures.Concat(methods.SelectMany(method => TypesOf(method).Concat(TypesInBodyOf(method)))).OfType<Type>().SelectMany(Parts);
    }

    private static IEnumerable<Type?> TypesOf(MemberInfo? member) => member switch
    {
        Type type => [type],
        FieldInfo field => [field.DeclaringType, field.FieldType],
        MethodInfo method =>
            [method.DeclaringType, method.ReturnType, .. method.GetParameters().Select(parameter => parameter.ParameterType), .. method.GetGenericArguments()],
        ConstructorInfo constructor => [constructor.DeclaringType, .. constructor.GetParameters().Select(parameter => parameter.ParameterType)],
        _ => [],
    };

    private static IEnumerable<Type?> TypesInBodyOf(MethodBase method)
    {
        if (method.GetMethodBody() is not { } body)
        {
            return [];
        }

        Type[]? ofType = method.DeclaringType is { IsGenericType: true } generic ? generic.GetGenericArguments() : null;
        Type[]? ofMethod = method is MethodInfo { IsGenericMethod: true } ? method.GetGenericArguments() : null;
        return body.LocalVariables.Select(local => (Type?)local.LocalType)
            .Concat(TokensIn(body.GetILAsByteArray()!).SelectMany(token => TypesOf(method.Module.ResolveMember(token, ofType, ofMethod))));
    }

    /// <summary>The tokens of fields, methods and types in a method's code.</summary>
    private static IEnumerable<int> TokensIn(byte[] code)
    {
        for (int at = 0; at < code.Length;)
        {
            short value = code[at] == 0xFE ? (short)(0xFE00 | code[at + 1]) : code[at];
            OpCode instruction = OpCodesByValue[value];
            at += instruction.Size;
            if (instruction.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
            {
                yield return BitConverter.ToInt32(code, at);
            }

            at += instruction.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }

    /// <summary>The type without arrays, references and pointers, and the types that it is made with.</summary>
    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!)
        : type.IsGenericParameter ? type.GetGenericParameterConstraints().Where(constraint => !constraint.IsGenericType)
        : [type, .. type.IsGenericType ? type.GetGenericArguments().Where(argument => !argument.IsGenericParameter).SelectMany(Parts) : []];

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^using (?:static )?(Ark[\w.]*);", RegexOptions.Multiline)]
    private static partial Regex Using();
}
